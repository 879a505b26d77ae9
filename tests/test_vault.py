"""Secrets at rest are readable with the key alone."""

import base64

import pytest

from papers import vault

SECRET = "otpauth: JBSWY3DPEHPK3PXP, naïve Ünïcode 🔑"


def test_what_went_in_comes_out_and_is_not_readable_in_between():
    kept = vault.encrypt(SECRET)

    assert vault.decrypt(kept) == SECRET
    assert "JBSWY3DP" not in kept
    assert b"JBSWY3DP" not in base64.urlsafe_b64decode(kept)
    assert kept.isascii()


def test_the_same_secret_never_looks_the_same():
    assert vault.encrypt(SECRET) != vault.encrypt(SECRET)


def test_an_older_key_still_reads_and_does_not_write(settings):
    kept = vault.encrypt(SECRET)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    assert vault.decrypt(kept) == SECRET

    kept_now = vault.encrypt(SECRET)
    settings.SECRET_KEY_FALLBACKS = []
    assert vault.decrypt(kept_now) == SECRET
    with pytest.raises(vault.Undecipherable):
        vault.decrypt(kept)


def test_another_key_cannot_read_and_says_what_to_do(settings):
    kept = vault.encrypt(SECRET)
    settings.SECRET_KEY = "another"

    with pytest.raises(vault.Undecipherable, match="SECRET_KEY_FALLBACKS"):
        vault.decrypt(kept)


@pytest.mark.parametrize("text", ["", "not encrypted", "gAAAAA", "Ünïcode"])
def test_what_was_never_encrypted_is_refused(text):
    with pytest.raises(vault.Undecipherable):
        vault.decrypt(text)


@pytest.mark.parametrize("place", [0, 20, 60, -5])
def test_a_change_of_one_character_is_noticed(place):
    kept = list(vault.encrypt(SECRET))
    kept[place] = "A" if kept[place] != "A" else "B"

    with pytest.raises(vault.Undecipherable):
        vault.decrypt("".join(kept))
