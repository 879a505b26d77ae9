"""Where the title ends, in a text that runs title and abstract together.

A conditional log-linear model: every place between two words has a score, the sum of the weights
of its features, and a softmax over the places of one text makes probabilities of the scores. Two
stages share the work. The quick one looks at words and shapes beside each place; what it leaves
in doubt, the full one decides between the best few, reading title and first sentence as a whole.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from .title_features import (
    ROLES,
    Window,
    Word,
    likely_places,
    look_at,
    pair_features,
    sentence_features,
    window,
    word_features,
)
from .title_weights import Weights, load

_SHORTLIST = 7
_REMEMBERED_WORDS = 50_000


@dataclass(frozen=True, slots=True)
class Cut:
    """Title and abstract; ``confidence`` is the probability that this is where they part."""

    title: str
    abstract: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the best cuts, and the features that spoke for it: name and weight, best first."""

    cut: Cut
    features: tuple[tuple[str, float], ...]


def split(text: str, candidates: Sequence[int] | None = None) -> Cut:
    """Cut a text into title and abstract.

    ``candidates`` are character offsets at which the title may end; with them the choice is
    only between those (one inside a word counts as the word's end). A text with no place to cut
    is all title, at confidence 0.
    """
    splitter = _splitter()
    view = window(text, splitter.look)
    places = likely_places(view) if candidates is None else _between(view, text, candidates)
    if not places:
        return _blind_cut(text, candidates or ())
    place, probability, settled = splitter.decide(view, places)
    weights = splitter.weights
    calibrate = weights.quick_calibration if settled else weights.full_calibration
    return _cut(view, text, place, calibrate(probability))


def explain(text: str) -> list[Reason]:
    """The best three cuts by the full model, with what spoke for each."""
    splitter = _splitter()
    view = window(text, splitter.look)
    places = likely_places(view)
    if not places:
        return [Reason(_blind_cut(text, ()), ())]
    ranked = sorted(zip(splitter.full(view, places), places, strict=True), reverse=True)
    calibrate = splitter.weights.full_calibration
    return [
        Reason(_cut(view, text, place, calibrate(probability)), splitter.reasons(view, place))
        for probability, place in ranked[:3]
    ]


def _between(view: Window, text: str, candidates: Sequence[int]) -> list[int]:
    """The places that the offsets mean, as far as the window reaches."""
    starts, end = [], 0
    for word in view.words[: view.length]:
        starts.append(text.index(word.text, end))
        end = starts[-1] + len(word.text)
    wanted = {bisect_left(starts, offset) for offset in candidates if offset < len(text)}
    return sorted(place for place in wanted if 0 < place < view.length)


def _blind_cut(text: str, candidates: Sequence[int]) -> Cut:
    """A cut where the model sees none: at the first offset inside the text, else at its end."""
    end = min((offset for offset in candidates if 0 < offset < len(text)), default=len(text))
    return Cut(text[:end].strip(), text[end:].strip(), 0.0)


def _cut(view: Window, text: str, place: int, confidence: float) -> Cut:
    end = 0
    for word in view.words[:place]:
        end = text.index(word.text, end) + len(word.text)
    return Cut(text[:end].strip(), text[end:].strip(), confidence)


class Splitter:
    """The model at work: weights, and the words it has met with their sums of weights."""

    def __init__(self, weights: Weights):
        self.weights = weights
        self.look: Callable[[str], Word] = lru_cache(_REMEMBERED_WORDS)(self._look)

    def decide(self, view: Window, places: list[int]) -> tuple[int, float, bool]:
        """The best place, its probability as the model sees it, and whether that came quickly."""
        quick = self.quick(view, places)
        best = max(quick)
        if best >= self.weights.settled:
            return places[quick.index(best)], best, True
        places = _best(quick, places, _SHORTLIST)
        full = self.full(view, places)
        best = max(full)
        return places[full.index(best)], best, False

    def shortlist(self, view: Window) -> list[int]:
        """The places that the quick stage leaves to the full one."""
        places = likely_places(view)
        return _best(self.quick(view, places), places, _SHORTLIST) if places else []

    def quick(self, view: Window, places: list[int]) -> list[float]:
        weight = self.weights.quick.get
        words = view.words
        return softmax(
            [
                words[i - 2].quick[0]
                + words[i - 1].quick[1]
                + words[i].quick[2]
                + words[i + 1].quick[3]
                + words[i + 2].quick[4]
                + sum([weight(name, 0.0) for name in pair_features(view, i)])
                for i in places
            ]
        )

    def full(self, view: Window, places: list[int]) -> list[float]:
        weight = self.weights.full.get
        return softmax(
            [
                sum([view.words[i + k - 2].full[k] for k in range(5)])
                + sum([weight(name, 0.0) for name in pair_features(view, i)])
                + sum([weight(name, 0.0) for name in sentence_features(view, i)])
                for i in places
            ]
        )

    def reasons(self, view: Window, place: int) -> tuple[tuple[str, float], ...]:
        names = pair_features(view, place) + sentence_features(view, place)
        for k, role in enumerate(ROLES):
            names += word_features(role, view.words[place + k - 2])
        weighed = [(name, self.weights.full.get(name, 0.0)) for name in names]
        spoke = [(name, weight) for name, weight in weighed if weight > 0]
        return tuple(sorted(spoke, key=lambda pair: -pair[1])[:12])

    def _look(self, text: str) -> Word:
        word = look_at(text)
        names = [word_features(role, word) for role in ROLES]
        return replace(
            word,
            quick=tuple(sum(self.weights.quick.get(n, 0.0) for n in role) for role in names),
            full=tuple(sum(self.weights.full.get(n, 0.0) for n in role) for role in names),
        )


def _best(chances: list[float], places: list[int], count: int) -> list[int]:
    ranked = sorted(zip(chances, places, strict=True), reverse=True)
    return sorted(place for _, place in ranked[:count])


def softmax(scores: list[float]) -> list[float]:
    """Probabilities from scores."""
    best = max(scores)
    shares = [math.exp(score - best) for score in scores]
    total = sum(shares)
    return [share / total for share in shares]


@cache
def _splitter() -> Splitter:
    return Splitter(load())
