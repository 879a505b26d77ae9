"""Papers to learn from and to measure on: JSON lines with a title and an abstract."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMAND = re.compile(r"\\[A-Za-z]+\{([^{}]*)\}")
_MATH = re.compile(r"\$([^$]*)\$")


@dataclass(frozen=True, slots=True)
class Paper:
    """``form`` is "raw", or "simplified" for TeX as a papers page shows it."""

    title: str
    abstract: str
    set: str
    form: str


def simplify_tex(text: str) -> str:
    """TeX as Hugging Face shows it: commands lose their name, mathematics its backslashes."""
    text = _COMMAND.sub(r"\1", text)
    return _MATH.sub(lambda match: match[1].replace("\\", ""), text)


def read_papers(paths: list[Path]) -> Iterator[Paper]:
    """Every paper twice, raw and simplified; lines without title or abstract are left out."""
    for path in paths:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield from _forms(record)


def _forms(record: dict) -> Iterator[Paper]:
    title, abstract = record.get("title") or "", record.get("abstract") or ""
    origin = record.get("set", "")
    for form, change in (("raw", str), ("simplified", simplify_tex)):
        head, body = " ".join(change(title).split()), " ".join(change(abstract).split())
        if head and body:
            yield Paper(head, body, origin, form)
