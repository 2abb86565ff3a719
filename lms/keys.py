import base64
import json
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from common.key_files import read_or_create

SEED_LENGTH = 32


def development_keys(folder: Path) -> dict[str, str]:
    """Keys for DEBUG=1, made on first use in ``folder``, readable by the owner only."""
    keys = _stored(
        folder / "development-keys.json",
        SECRET_KEY=secrets.token_urlsafe(50),
        FIELD_KEYS=Fernet.generate_key().decode(),
        INDEX_KEY=secrets.token_urlsafe(40),
    )
    # In a file of its own: checkouts from before it existed have the other one already.
    audit = folder / "development-audit-key.json"
    return keys | _stored(audit, AUDIT_KEY=Fernet.generate_key().decode())


def _stored(path: Path, **fresh: str) -> dict[str, str]:
    stored: dict[str, str] = json.loads(read_or_create(path, lambda: json.dumps(fresh).encode()))
    return stored


def is_seed(value: str) -> bool:
    try:
        return len(base64.b64decode(value, altchars=b"-_", validate=True)) == SEED_LENGTH
    except ValueError:
        return False
