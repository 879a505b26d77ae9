"""Papers for training and measuring: JSON lines with a title and an abstract."""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

FOLD_COUNT = 4

_COMMAND = re.compile(r"\\[A-Za-z]+\{([^{}]*)\}")
_MATH = re.compile(r"\$([^$]*)\$")


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper in one of two forms.

    ``form`` is "raw", or "simplified" for TeX as a papers page shows it. ``fold`` is the number of
    the paper's cross-validation group, the same for both forms.
    """

    title: str
    abstract: str
    origin: str
    form: str
    fold: int

    @property
    def text(self) -> str:
        """The title, run together with the abstract."""
        return f"{self.title} {self.abstract}"

    @property
    def title_place(self) -> int:
        """The number of words in the title."""
        return len(self.title.split())


def simplify_tex(text: str) -> str:
    """TeX as Hugging Face shows it: commands lose their names, math its backslashes."""
    text = _COMMAND.sub(r"\1", text)
    return _MATH.sub(lambda match: match[1].replace("\\", ""), text)


def read_papers(paths: Iterable[Path], every: int = 1) -> Iterator[Paper]:
    """Each file's papers twice, raw and simplified; those without title or abstract are left out.

    ``every`` N reads only every Nth line, for a file that has more papers than needed.
    """
    for path in paths:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 0, None, every):
                if line.strip():
                    yield from _paper_forms(json.loads(line))


def _paper_forms(record: dict) -> Iterator[Paper]:
    title, abstract = record.get("title") or "", record.get("abstract") or ""
    origin = record.get("set", "")
    fold = zlib.crc32(" ".join(title.split()).encode("utf-8", "surrogatepass")) % FOLD_COUNT
    for form, change in (("raw", str), ("simplified", simplify_tex)):
        head, body = " ".join(change(title).split()), " ".join(change(abstract).split())
        if head and body:
            yield Paper(head, body, origin, form, fold)
