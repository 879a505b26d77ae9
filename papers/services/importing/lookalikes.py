"""Titles that look like one the group has: a suggestion for a person, never acted on."""

from collections import defaultdict

from rapidfuzz import fuzz, process

from papers.models import Paper

ALIKE = 88  # of 100; below it most pairs are different works of one subject
AT_MOST = 50  # titles compared with one entry: a group may have hundreds that begin alike
STEM_WORDS = 2


class Lookalikes:
    """The titles of ``group``, by how they begin and end.

    Comparing every entry with every paper would take minutes for large listings; titles of one
    work nearly always share their first or their last two words.
    """

    def __init__(self, group):
        self.by_stem = defaultdict(dict)
        for pk, key in Paper.objects.of(group).values_list("pk", "title_key").iterator(5000):
            for stem in _stems(key):
                if len(self.by_stem[stem]) < AT_MOST:
                    self.by_stem[stem][pk] = key

    def find(self, key):
        """The id of the paper whose title looks most like ``key``, or None."""
        near = {}
        for stem in _stems(key):
            near |= self.by_stem.get(stem, {})
        best = process.extractOne(key, near, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        return best[2] if best else None


def _stems(key):
    words = key.split()
    return {("first", *words[:STEM_WORDS]), ("last", *words[-STEM_WORDS:])}
