"""Bytes become text, or a sentence that says what to do."""

import pytest

from papers.listing import ListingError, decode

TEXT = "12 Ein Verfahren für Größen We show it – “so”. 5 authors · Nov 4\n" * 3


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_told_apart(encoding, named):
    assert decode(TEXT.encode(encoding)) == (TEXT, named)


def test_utf_16_with_its_mark_in_either_order():
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be"))[0] == TEXT
    assert decode(b"\xff\xfe" + TEXT.encode("utf-16-le"))[0] == TEXT


def test_a_damaged_byte_does_not_make_it_another_encoding():
    text, encoding = decode(TEXT.encode()[:-1] + b"\xff")
    assert encoding == "utf-8"
    assert text.startswith("12 Ein Verfahren für Größen")


def test_bytes_that_no_encoding_has_do_not_fail():
    assert decode(b"12 caf\xe9 \x81\x8d 5 authors")[1] == "cp1252"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\x00", "zip"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
        (b"\x1f\x8b\x08\x00", "zip"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"<!DOCTYPE html><html><body>Sign in</body>", "HTML"),
        (bytes(range(32)) * 100, "not text"),
        (b"\x00" * 64, "."),
    ],
)
def test_what_is_no_text_is_refused_with_advice(data, word):
    with pytest.raises(ListingError, match=word) as refusal:
        decode(data)
    assert str(refusal.value).endswith(".")
