"""Usage of words and word pairs in running text, counted over titles and abstracts.

A word's *habits* are six characters, each the bucket of a rate or a count ("?" if too little is
known): how often it is capitalised inside a sentence, closes a phrase (precedes punctuation or a
function word), starts one, opens a sentence, is the last word of a title that contains it, and how
common it is. A pair's strength is the bit length of the number of papers that have the two words
side by side.
"""

from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field

from papers.listing.titles.words import STOP_WORDS, bare_word, ends_phrase

UNKNOWN_HABITS = "??????"
_RATE_BOUNDS = (0.02, 0.1, 0.3, 0.6, 0.9, 0.98)
_MIN_USES = 3


@dataclass(slots=True)
class Lexicon:
    """Known usage: habits by word, strength by pair (``"first second"``)."""

    habits: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """The counts behind a lexicon; they can be added and subtracted, to leave papers out."""

    uses: Counter[str] = field(default_factory=Counter)
    mid_sentence: Counter[str] = field(default_factory=Counter)
    capitals: Counter[str] = field(default_factory=Counter)
    phrase_ends: Counter[str] = field(default_factory=Counter)
    phrase_starts: Counter[str] = field(default_factory=Counter)
    sentence_starts: Counter[str] = field(default_factory=Counter)
    in_titles: Counter[str] = field(default_factory=Counter)
    title_last: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)

    def add_paper(self, title: str, abstract: str) -> None:
        """Count a paper; no pair of words spans title and abstract."""
        words, prose = title.split(), abstract.split()
        pairs: set[str] = set()
        self._add_words(words, pairs)
        self._add_words(prose, pairs)
        self._add_capitals(prose)
        self.pairs.update(pairs)
        lows = [bare_word(word) for word in words]
        self.in_titles.update(lows)
        self.title_last.update(lows[-1:])

    def _add_words(self, words: list[str], pairs: set[str]) -> None:
        before, closed = "", True
        for word in words:
            low = bare_word(word)
            stop, stopped = low in STOP_WORDS, before in STOP_WORDS
            self.uses[low] += 1
            if before and (stop or closed):
                self.phrase_ends[before] += 1
            if closed or stopped:
                self.phrase_starts[low] += 1
            if before and not closed and not (stop and stopped):
                pairs.add(f"{before} {low}")
            before, closed = low, ends_phrase(word)
        if before:
            self.phrase_ends[before] += 1

    def _add_capitals(self, prose: list[str]) -> None:
        closed = opening = True
        for word in prose:
            low = bare_word(word)
            if opening:
                self.sentence_starts[low] += 1
            elif not closed:
                self.mid_sentence[low] += 1
                self.capitals[low] += word[:1].isupper()
            closed = ends_phrase(word)
            opening = closed and word[-1] in ".?!:"

    def add_counts(self, other: "Counts") -> None:
        """Add the counts of ``other``."""
        for name in self.__slots__:
            getattr(self, name).update(getattr(other, name))

    def without(self, other: "Counts") -> "Counts":
        """A copy without the counts of ``other``."""
        rest = Counts()
        for name in self.__slots__:
            left = getattr(self, name).copy()
            left.subtract(getattr(other, name))
            setattr(rest, name, left)
        return rest

    def to_lexicon(self, rare_word: int = 3, rare_pair: int = 4) -> Lexicon:
        """The lexicon of the words and pairs that are neither too rare nor too long."""
        habits = {
            word: self._word_habits(word, count)
            for word, count in self.uses.items()
            if count >= rare_word and len(word) < 40
        }
        pairs = {
            pair: count.bit_length()
            for pair, count in self.pairs.items()
            if count >= rare_pair and len(pair) < 60
        }
        return Lexicon(habits, pairs)

    def _word_habits(self, word: str, count: int) -> str:
        return (
            _rate_bucket(self.capitals[word], self.mid_sentence[word])
            + _rate_bucket(self.phrase_ends[word], count)
            + _rate_bucket(self.phrase_starts[word], count)
            + _rate_bucket(self.sentence_starts[word] * 8, count)
            + _rate_bucket(self.title_last[word], self.in_titles[word])
            + str(min(count.bit_length() // 2, 9))
        )


def _rate_bucket(part: int, whole: int) -> str:
    return str(bisect(_RATE_BOUNDS, part / whole)) if whole >= _MIN_USES else "?"
