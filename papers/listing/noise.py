"""Text of a papers page that belongs to no paper, recognised only if it can be nothing else."""

import re

from papers.listing.numbers import COUNT, DASH

# A line of the interface is short; the limit keeps long lines cheap.
MAX_LENGTH = 80

# The characters that such a line can begin with.
FIRST_CHARACTERS = "#+SU"

_FIGURE = rf"(?:{COUNT}|{DASH})"
_RANK = r"#[0-9]{1,4} [Pp]aper of the [Dd]ay"
_LINE = re.compile(rf"(?:{_RANK}|Upvotes?|\+{COUNT}|Submitted by(?: \S+){{1,4}})")
_LABEL = re.compile(rf"^(?:{_RANK}(?: |$)|Upvotes? (?={_FIGURE}(?: |$)))")
_VOTERS = re.compile(rf"({_FIGURE}) \+{COUNT}")
_INLINE = re.compile(
    rf"(?:{_RANK}|Upvotes?(?= {_FIGURE} )|\+{COUNT}(?= {_FIGURE} )"
    rf"|Submitted by(?: [^\s0-9]\S{{0,60}}){{1,4}}?(?= (?:Upvote )?{_FIGURE} )) "
)
_NO_NAME = re.compile(r"[:/]|[.!?…;,)\]”\"]$")
_MAX_NAME_WORDS = 6


def is_noise(line: str) -> bool:
    """Whether all of ``line`` belongs to the page and not to a paper."""
    return (
        line[0] in FIRST_CHARACTERS
        and len(line) <= MAX_LENGTH
        and _LINE.fullmatch(line) is not None
    )


def announces_name(line: str) -> bool:
    """Whether the next line is the name of the person who submitted the paper."""
    return line == "Submitted by"


def without_label(line: str) -> str:
    """``line`` without the label before its first figure: ``Upvote 110 +105`` becomes ``110``."""
    line = _LABEL.sub("", line) if line[0] in "#U" else line
    voters = _VOTERS.fullmatch(line) if len(line) <= MAX_LENGTH and " +" in line else None
    return voters[1] if voters else line


def skip_inline(flat: str, position: int) -> int:
    """The position after the noise within a line at ``position``."""
    while match := _INLINE.match(flat, position):
        position = match.end()
    return position


def may_be_name(line: str) -> bool:
    """Whether ``line`` can be the name of a person or an organisation."""
    return (
        len(line) <= MAX_LENGTH
        and len(line.split()) <= _MAX_NAME_WORDS
        and line[0].isalpha()
        and not _NO_NAME.search(line)
    )
