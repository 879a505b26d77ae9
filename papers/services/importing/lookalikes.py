"""Titles that look like one the group has: a suggestion for a person, never acted on."""

from collections import defaultdict

from django.db.models import Q
from rapidfuzz import fuzz, process

from papers.models import Paper

MIN_SIMILARITY = 88  # of 100; below it most pairs are different works of one subject
MAX_PER_STEM = 50  # titles compared with one entry: a group may have hundreds that begin alike
STEM_WORDS = 2


class Lookalikes:
    """The titles of ``group``, by how they begin and end; all, or those that ``keys`` may be like.

    Comparing every entry with every paper would take minutes for large listings; titles of one
    work nearly always share their first or their last two words.
    """

    def __init__(self, group, keys=None):
        self.by_stem = defaultdict(dict)
        papers = Paper.objects.in_group(group).order_by()
        if keys is not None:
            papers = papers.filter(_shares_a_stem(keys))
        for pk, key in papers.values_list("pk", "title_key").iterator(5000):
            for stem in _title_stems(key):
                if len(self.by_stem[stem]) < MAX_PER_STEM:
                    self.by_stem[stem][pk] = key

    def most_similar(self, key):
        """The id of the paper whose title looks most like ``key``, or None."""
        near = {}
        for stem in _title_stems(key):
            near |= self.by_stem.get(stem, {})
        best = process.extractOne(
            key, near, scorer=fuzz.token_sort_ratio, score_cutoff=MIN_SIMILARITY
        )
        return best[2] if best else None


def _title_stems(key):
    words = key.split()
    return {("first", *words[:STEM_WORDS]), ("last", *words[-STEM_WORDS:])}


def _shares_a_stem(keys):
    found = Q(pk=None)
    for key in keys:
        for side, *words in _title_stems(key):
            how = "title_key__startswith" if side == "first" else "title_key__endswith"
            found |= Q(**{how: " ".join(words)})
    return found
