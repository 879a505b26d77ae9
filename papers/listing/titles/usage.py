"""Usage of the words beside a place elsewhere in the same text.

A title's words recur in its abstract, inside sentences that show which of them belong together:
"compressed descriptor attention" further down shows that the title does not end with "Compressed
Descriptor". Nothing here depends on other texts.
"""

from collections import defaultdict
from functools import lru_cache

from papers.listing.titles.words import STOP_WORDS, bare_word, ends_phrase, word_core

_MAX_WORDS = 400  # more words of an abstract add nothing
_WORD_CACHE_SIZE = 50_000


class Usage:
    """The places of each word of a text, and which words begin or end phrases."""

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
        """Whether a phrase ends with the word: punctuation or a function word follows."""
        return self.ends[k] or k + 1 >= self.count or self.stops[k + 1]

    def starts_phrase(self, k: int) -> bool:
        """Whether a phrase begins with the word."""
        return k == 0 or self.ends[k - 1] or self.stops[k - 1]

    def other_places(self, k: int) -> list[int]:
        """The other places of the word."""
        return [n for n in self.places.get(self.cores[k], ()) if n != k]

    def triple_count(self, k: int) -> int:
        """How many other places of the word have the same two words after it, up to two."""
        if k < 0 or k + 2 >= self.count or not self.cores[k + 2]:
            return 0
        third = self.cores[k + 2]
        return min(
            sum(n + 2 < self.count and self.cores[n + 2] == third for n in self.pair_places(k)), 2
        )

    def pair_places(self, k: int) -> list[int]:
        """The other places of the word that have the same word after it."""
        if k + 1 >= self.count or not self.cores[k + 1]:
            return []
        second = self.cores[k + 1]
        return [
            n for n in self.other_places(k) if n + 1 < self.count and self.cores[n + 1] == second
        ]


@lru_cache(_WORD_CACHE_SIZE)
def _word_facts(word: str) -> tuple[str, bool, bool, bool]:
    """The core ("" for a function word), whether it is one, ends a phrase, is capitalised."""
    low = bare_word(word)
    stops = low in STOP_WORDS
    return "" if stops else word_core(low), stops, ends_phrase(word), word[:1].isupper()
