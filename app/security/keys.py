"""API keys: 256 random bits, shown once, stored as SHA-256."""

import hashlib
import secrets

PREFIX = "cse_"


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    """The hash under which a key is stored. A 256-bit random key needs no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
