"""Secrets at rest are readable with the key alone."""

import base64

import pytest

from papers.notifications import encryption

SECRET = "otpauth: JBSWY3DPEHPK3PXP, naïve Ünïcode 🔑"


def test_what_went_in_comes_out_and_is_not_readable_in_between():
    kept = encryption.encrypt(SECRET)

    assert encryption.decrypt(kept) == SECRET
    assert "JBSWY3DP" not in kept
    assert b"JBSWY3DP" not in base64.urlsafe_b64decode(kept)
    assert kept.isascii()


def test_the_same_secret_never_looks_the_same():
    assert encryption.encrypt(SECRET) != encryption.encrypt(SECRET)


def test_an_older_key_still_reads_and_does_not_write(settings):
    kept = encryption.encrypt(SECRET)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    assert encryption.decrypt(kept) == SECRET

    kept_now = encryption.encrypt(SECRET)
    settings.SECRET_KEY_FALLBACKS = []
    assert encryption.decrypt(kept_now) == SECRET
    with pytest.raises(encryption.DecryptionError):
        encryption.decrypt(kept)


def test_another_key_cannot_read_and_says_what_to_do(settings):
    kept = encryption.encrypt(SECRET)
    settings.SECRET_KEY = "another"

    with pytest.raises(encryption.DecryptionError, match="SECRET_KEY_FALLBACKS"):
        encryption.decrypt(kept)


@pytest.mark.parametrize("text", ["", "not encrypted", "gAAAAA", "Ünïcode"])
def test_what_was_never_encrypted_is_refused(text):
    with pytest.raises(encryption.DecryptionError):
        encryption.decrypt(text)


@pytest.mark.parametrize("place", [0, 20, 60, -5])
def test_a_change_of_one_character_is_noticed(place):
    kept = list(encryption.encrypt(SECRET))
    kept[place] = "A" if kept[place] != "A" else "B"

    with pytest.raises(encryption.DecryptionError):
        encryption.decrypt("".join(kept))
