"""Where the secret keys come from: the environment, or in development a file made once."""

import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def development_keys(folder: Path) -> dict[str, str]:
    """Keys for DEBUG=1, made on first use in ``folder`` and kept, readable by the owner only."""
    path = folder / "development-keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        keys = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "INDEX_KEY": secrets.token_urlsafe(40),
        }
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(keys))
        try:
            # Two processes may start at once: the first link wins, both read the same keys.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    keys = json.loads(path.read_text())
    return {name: str(value) for name, value in keys.items()}
