import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet

SEED_LENGTH = 32


def development_keys(folder: Path) -> dict[str, str]:
    """Keys for DEBUG=1, made on first use in ``folder``, readable by the owner only."""
    keys = _made_once(
        folder / "development-keys.json",
        lambda: {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "INDEX_KEY": secrets.token_urlsafe(40),
        },
    )
    # In a file of its own: checkouts from before it existed have the other one already.
    return keys | _made_once(
        folder / "development-audit-key.json", lambda: {"AUDIT_KEY": Fernet.generate_key().decode()}
    )


def is_seed(value: str) -> bool:
    try:
        return len(base64.b64decode(value, altchars=b"-_", validate=True)) == SEED_LENGTH
    except ValueError:
        return False


def _made_once(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(make()))
        try:
            # Two processes may start at once: the first link wins, both read the same keys.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return {name: str(value) for name, value in json.loads(path.read_text()).items()}
