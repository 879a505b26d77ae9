"""Similar titles in a group: suggestions for a person, never acted on automatically."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q
from rapidfuzz import fuzz, process

from papers.models import Paper

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papers.models import Group

MIN_SIMILARITY = 88  # of 100; below it most pairs are different works of one subject
MAX_PER_STEM = 50  # titles compared with one entry: hundreds in a group may begin alike
STEM_WORDS = 2


class Lookalikes:
    """Titles of ``group`` by their first and last words: all, or those that may be like ``keys``.

    Comparing every entry with every paper would take minutes for large listings; titles of one
    work nearly always share their first or their last two words.
    """

    def __init__(self, group: Group, keys: Iterable[str] | None = None) -> None:
        self.by_stem: defaultdict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
        papers = Paper.objects.in_group(group).order_by()
        if keys is not None:
            papers = papers.filter(_shares_a_stem(keys))
        for pk, key in papers.values_list("pk", "title_key").iterator(5000):
            for stem in _title_stems(key):
                if len(self.by_stem[stem]) < MAX_PER_STEM:
                    self.by_stem[stem][pk] = key

    def most_similar(self, key: str) -> int | None:
        """The id of the paper with the title most similar to ``key``, a title key; or None."""
        candidates: dict[int, str] = {}
        for stem in _title_stems(key):
            candidates |= self.by_stem.get(stem, {})
        best = process.extractOne(
            key, candidates, scorer=fuzz.token_sort_ratio, score_cutoff=MIN_SIMILARITY
        )
        return best[2] if best else None


def _title_stems(key: str) -> set[tuple[str, ...]]:
    """The first and the last words of a title key, each marked with its side."""
    words = key.split()
    return {("first", *words[:STEM_WORDS]), ("last", *words[-STEM_WORDS:])}


def _shares_a_stem(keys: Iterable[str]) -> Q:
    condition = Q(pk=None)
    for key in keys:
        for side, *words in _title_stems(key):
            lookup = "title_key__startswith" if side == "first" else "title_key__endswith"
            condition |= Q(**{lookup: " ".join(words)})
    return condition
