"""Encryption of secrets at rest: the database alone is not enough to read them."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Keeps this key apart from others that are derived from SECRET_KEY.
PURPOSE = b"readinggroup: secrets at rest"


class DecryptionError(Exception):
    """The text was changed, or encrypted under a SECRET_KEY that is no longer configured."""


def encrypt(text: str) -> str:
    """``text`` encrypted under the current SECRET_KEY, as ASCII."""
    return _all_keys().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """The text that `encrypt` was given, under SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Raises `DecryptionError`.
    """
    try:
        return _all_keys().decrypt(text).decode()
    except (InvalidToken, ValueError):
        raise DecryptionError(
            "A secret in the database cannot be decrypted: "
            "put the SECRET_KEY it was made under into SECRET_KEY_FALLBACKS."
        ) from None


def _all_keys() -> MultiFernet:
    return MultiFernet(
        [_derive_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


@lru_cache(maxsize=8)
def _derive_key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
