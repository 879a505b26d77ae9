"""Identity keys, equal for entries of the same paper: arXiv id, DOI, or else the title."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from urllib.parse import unquote

from papers.listing.folding import folded_text

MAX_KEY_LENGTH = 200

_NEW_ARXIV = r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}"
_OLD_ARXIV = r"[a-z][a-z-]{1,15}(?:\.[a-zA-Z]{2})?/[0-9]{7}"
_ARXIV = re.compile(
    rf"(?:^|arxiv[:.]\s?|/(?:abs|pdf|html|papers)/|arxiv/)({_NEW_ARXIV}|{_OLD_ARXIV})"
    r"(?:v[0-9]{1,3})?(?:\.pdf)?(?=$|[\s?#/,;)\]])",
    re.IGNORECASE,
)
_DOI = re.compile(
    r"(?:^|doi\.org/|doi:\s?|\s)(10\.[0-9]{4,9}/[^\s\x00-\x1f\x7f]{1,500})", re.IGNORECASE
)
_ARXIV_DOI = "10.48550/arxiv."

_COMMAND = re.compile(r"\\[a-zA-Z]{1,40} ?\{([^{}]*)\}")
_MATH = re.compile(r"\$([^$]*)\$")
_ACCENT = re.compile(r"\\([`'^\"~=.uvHc])\s?\{?\\?([a-zA-Z])\}?")
_ACCENTS = dict(
    zip(
        "`'^\"~=.uvHc",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327",
        strict=True,
    )
)


def identity_key(title: str, arxiv_id: str = "", doi: str = "") -> str:
    """The strongest key available: ``arxiv:2510.14528``, ``doi:10.1/x`` or ``title:...``.

    At most MAX_KEY_LENGTH characters long, plus the prefix.
    """
    if arxiv_id or doi:  # most listings have neither
        if arxiv := find_arxiv_id(arxiv_id) or _arxiv_id_of_doi(doi):
            return f"arxiv:{arxiv}"
        if name := find_doi(doi):
            return f"doi:{bounded_key(name)}"
    return f"title:{bounded_key(title_key(title))}"


def find_arxiv_id(text: str) -> str:
    """The arXiv id in ``text`` (an id, a URL, ``arXiv:...``) without its version; "" if none."""
    match = _ARXIV.search(text.strip())
    if not match:
        return ""
    archive, slash, number = match[1].lower().rpartition("/")
    # The subject class is not part of an old id: math.GT/0309136 is math/0309136.
    return archive.partition(".")[0] + slash + number


def find_doi(text: str) -> str:
    """The DOI in ``text`` (a DOI, a URL, ``doi:...``) in lower case; "" if none."""
    match = _DOI.search(unquote(text).strip())
    if not match:
        return ""
    name = match[1].lower().rstrip(".,;:'\"/")
    return name[:-1] if name.endswith(")") and name.count("(") < name.count(")") else name


@lru_cache(1000)  # identity_key() and its caller ask for the same title in turn
def title_key(title: str) -> str:
    """``title`` without case, accents, TeX and punctuation; empty only if ``title`` is.

    TeX and its simplified form on Hugging Face have the same key.
    """
    plain = unicodedata.normalize("NFKC", folded_text(without_tex(title)))
    words = plain.translate(_KEPT_CHARACTERS).split()
    if words or not title:
        return " ".join(words)
    return " ".join(plain.split()) or sha256(title.encode("utf-8", "replace")).hexdigest()


def without_tex(title: str) -> str:
    """TeX as Hugging Face shows it: commands become their argument, math becomes its content."""
    if "\\" not in title and "$" not in title:
        return title
    title = _ACCENT.sub(lambda match: match[2] + _ACCENTS[match[1]], title)
    title = _COMMAND.sub(r"\1", title)
    title = _MATH.sub(lambda match: match[1].replace("\\", ""), title)
    return title.replace("\\", "")


class _KeptCharacters(dict[int, int]):
    """A table for ``str.translate``, filled on demand: each character, or a space."""

    def __missing__(self, code: int) -> int:
        kept = self[code] = code if _is_kept(chr(code)) else ord(" ")
        return kept


_KEPT_CHARACTERS = _KeptCharacters()


def _is_kept(char: str) -> bool:
    """Whether a character is a letter, mark or number, or a plus, which tells C++ from C."""
    return char == "+" or unicodedata.category(char)[0] in "LMN"


def _arxiv_id_of_doi(text: str) -> str:
    name = find_doi(text)
    return find_arxiv_id(name.removeprefix(_ARXIV_DOI)) if name.startswith(_ARXIV_DOI) else ""


def bounded_key(key: str) -> str:
    """``key``, or if it is long its beginning and a hash: at most MAX_KEY_LENGTH characters."""
    if len(key) <= MAX_KEY_LENGTH:
        return key
    return f"{key[: MAX_KEY_LENGTH - 17]}-{sha256(key.encode()).hexdigest()[:16]}"
