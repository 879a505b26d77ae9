"""How the text itself uses, elsewhere, the words that stand beside a place.

A title's words come again in its abstract, inside sentences, where it shows which of them belong
together: "compressed descriptor attention" further down says that a title does not end with
"Compressed Descriptor". Nothing here depends on what other texts do.
"""

from collections import defaultdict
from functools import lru_cache

from papers.listing.titles.words import STOP_WORDS, bare_word, ends_phrase, word_core

_MAX_WORDS = 400  # words; more of an abstract add nothing
_WORD_CACHE_SIZE = 50_000


class Usage:
    """Where each word of a text stands, and which of them begin and end phrases and sentences."""

    def __init__(self, text: str):
        facts = [_word_facts(word) for word in text.split(None, _MAX_WORDS)[:_MAX_WORDS]]
        columns = list(zip(*facts, strict=True)) or [(), (), (), ()]
        self.cores, self.stops, self.ends, self.capital = columns
        self.count = len(facts)
        self.places: dict[str, list[int]] = defaultdict(list)
        for k, stem in enumerate(self.cores):
            if stem:
                self.places[stem].append(k)

    def closes_phrase(self, k: int) -> bool:
        """Whether a phrase ends with the word, as a comma or a function word behind it tells."""
        return self.ends[k] or k + 1 >= self.count or self.stops[k + 1]

    def starts_phrase(self, k: int) -> bool:
        """Whether a phrase begins with it."""
        return k == 0 or self.ends[k - 1] or self.stops[k - 1]

    def other_places(self, k: int) -> list[int]:
        """Where else the word stands."""
        return [n for n in self.places.get(self.cores[k], ()) if n != k]

    def triple_count(self, k: int) -> int:
        """How often else the word stands before the same two neighbours, up to two."""
        if k < 0 or k + 2 >= self.count or not self.cores[k + 2]:
            return 0
        third = self.cores[k + 2]
        return min(
            sum(n + 2 < self.count and self.cores[n + 2] == third for n in self.pair_places(k)), 2
        )

    def pair_places(self, k: int) -> list[int]:
        """Where else the word stands before the same neighbour."""
        if k + 1 >= self.count or not self.cores[k + 1]:
            return []
        second = self.cores[k + 1]
        return [
            n for n in self.other_places(k) if n + 1 < self.count and self.cores[n + 1] == second
        ]


@lru_cache(_WORD_CACHE_SIZE)
def _word_facts(word: str) -> tuple[str, bool, bool, bool]:
    """Its core, none for a function word; is it one, does it end a phrase, is it a capital?"""
    low = bare_word(word)
    stops = low in STOP_WORDS
    return "" if stops else word_core(low), stops, ends_phrase(word), word[:1].isupper()
