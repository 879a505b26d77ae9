"""The title model: finds the end of a title that runs on into its abstract.

A conditional log-linear model: every place between two words has a score, the sum of the weights
of its features, and a softmax over the places of one text turns the scores into probabilities. Two
stages share the work. The quick stage looks at the words beside each place. If it is not sure, the
full stage adds features of title and first sentence as a whole to the scores of the best few.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial

from papers.listing.titles.features import (
    ROLES,
    pair_features,
    single_features,
    standing_features,
    word_features,
)
from papers.listing.titles.reasons import describe_feature
from papers.listing.titles.sentences import sentence_features
from papers.listing.titles.weights import Weights, load_weights
from papers.listing.titles.window import (
    MAX_PLACES,
    QUICK_PLACES,
    Window,
    Word,
    analyse_word,
    build_window,
    likely_places,
)

SHORTLIST_SIZE = 6
# A place whose single words score this much less than the best place's never wins.
HOPELESS_MARGIN = 7.0
# The full stage never lifts a place over one that was this far ahead.
OUT_OF_REACH_MARGIN = 7.0
_REASON_COUNT = 12
_WORD_CACHE_SIZE = 50_000
_ROLE_INDEXES = range(len(ROLES))


@dataclass(frozen=True, slots=True)
class Cut:
    """Title and abstract; ``confidence`` is the probability that this is the right cut."""

    title: str
    abstract: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ExplainedCut:
    """One of the best cuts, and the features in its favour: name and weight, strongest first."""

    cut: Cut
    features: tuple[tuple[str, float], ...]


def split(text: str, candidates: Sequence[int] | None = None) -> Cut:
    """Cut a text into title and abstract.

    ``candidates`` are character offsets at which the title may end; if given, only those are
    considered (one inside a word counts as the word's end). A text with no place to cut is all
    title, with confidence 0.
    """
    splitter = _default_splitter()
    view = splitter.text_window(text, QUICK_PLACES if candidates is None else MAX_PLACES)
    places = (
        likely_places(view) if candidates is None else _candidate_places(view, text, candidates)
    )
    quick_choice = splitter.quick_choice(view, places)
    if not quick_choice and candidates is None:
        view = splitter.text_window(text, MAX_PLACES)
        places = likely_places(view)
    if not places:
        return _blind_cut(text, candidates or ())
    place, confidence = quick_choice or splitter.full_choice(view, places)
    return _cut_at_place(view, text, place, confidence)


def explain_cuts(text: str) -> list[ExplainedCut]:
    """The best three cuts by the full model, each with the features that favour it but not all."""
    splitter = _default_splitter()
    view = splitter.text_window(text, MAX_PLACES)
    places = likely_places(view)
    if not places:
        return [ExplainedCut(_blind_cut(text, ()), ())]
    scores, shortlist = splitter.full_scores(view, places)
    ranked = sorted(zip(softmax(scores), shortlist, strict=True), reverse=True)[:3]
    reasons = splitter.place_reasons(view, [place for _, place in ranked])
    calibrate = splitter.weights.full_calibration
    return [
        ExplainedCut(_cut_at_place(view, text, place, calibrate(chance)), features)
        for (chance, place), features in zip(ranked, reasons, strict=True)
    ]


def _candidate_places(view: Window, text: str, candidates: Sequence[int]) -> list[int]:
    """The places at the offsets, as far as the window reaches."""
    starts, end = [], 0
    for word in view.words[: view.length]:
        starts.append(text.index(word.text, end))
        end = starts[-1] + len(word.text)
    wanted = {bisect_left(starts, offset) for offset in candidates if offset < len(text)}
    return sorted(place for place in wanted if 0 < place < view.length)


def _blind_cut(text: str, candidates: Sequence[int]) -> Cut:
    """The cut if the model sees no place: at the first offset inside the text, else at its end."""
    end = min((offset for offset in candidates if 0 < offset < len(text)), default=len(text))
    return Cut(text[:end].strip(), text[end:].strip(), 0.0)


def _cut_at_place(view: Window, text: str, place: int, confidence: float) -> Cut:
    words = [word.text for word in view.words[:place]]
    title = " ".join(words)
    end = len(title) if text.startswith(title) else 0
    if not end:  # The words are not separated by single spaces.
        for word in words:
            end = text.index(word, end) + len(word)
    return Cut(text[:end].strip(), text[end:].strip(), confidence)


class Splitter:
    """The model: its weights, and a cache of the words it has seen, with their scores."""

    def __init__(self, weights: Weights):
        self.weights = weights
        look = partial(analyse_word, lexicon=weights.lexicon)
        self.look: Callable[[str], Word] = lru_cache(_WORD_CACHE_SIZE)(look)

    def text_window(self, text: str, places: int) -> Window:
        """The first words of a text, analysed with this model's lexicon."""
        return build_window(text, self.look, self.weights.lexicon, places)

    def quick_choice(self, view: Window, places: list[int]) -> tuple[int, float] | None:
        """The quick stage's choice and its probability; None if it is in doubt."""
        sums = self.single_word_scores(view, places)
        bar = max(sums, default=0.0) - HOPELESS_MARGIN
        sums, places = _scores_and_places(
            [(place, s) for s, place in zip(sums, places, strict=True) if s > bar]
        )
        if not places:
            return None
        scores = self.quick_scores(view, places, sums)
        top = max(scores)
        chance = 1 / sum([math.exp(score - top) for score in scores])
        if chance < self.weights.settled_threshold:
            return None
        return places[scores.index(top)], self.weights.quick_calibration(chance)

    def full_choice(self, view: Window, places: list[int]) -> tuple[int, float]:
        """The full stage's choice and its probability."""
        scores, shortlist = self.full_scores(view, places)
        chances = softmax(scores)
        best = max(chances)
        return shortlist[chances.index(best)], self.weights.full_calibration(best)

    def single_word_scores(self, view: Window, places: list[int]) -> list[float]:
        """The score of each place by its single words, summed up once for each word and role."""
        words, totals = view.words, []
        for i in places:
            total = 0.0
            for k in _ROLE_INDEXES:
                word = words[i + k - 2]
                weight = word.role_weights[k]
                if weight is None:
                    weight = word.role_weights[k] = self._word_score(word, k)
                total += weight
            totals.append(total)
        return totals

    def _word_score(self, word: Word, k: int) -> float:
        weight = self.weights.quick.get
        return sum([weight(name, 0.0) for name in word_features(ROLES[k], word)])

    def quick_scores(self, view: Window, places: list[int], sums: list[float]) -> list[float]:
        """The quick score of each place; ``sums`` are the scores of its single words."""
        weight = self.weights.quick.get
        return [
            total + sum([weight(name, 0.0) for name in pair_features(view, i)])
            for i, total in zip(places, sums, strict=True)
        ]

    def shortlisted_places(self, view: Window, places: list[int]) -> tuple[list[float], list[int]]:
        """The quick scores of the best few places, and these places, in text order.

        Pair features are computed only for the places with the best single words.
        """
        sums, places = best_places(
            self.single_word_scores(view, places), places, 2 * SHORTLIST_SIZE
        )
        return best_places(self.quick_scores(view, places, sums), places, SHORTLIST_SIZE)

    def full_scores(self, view: Window, places: list[int]) -> tuple[list[float], list[int]]:
        """The scores of the shortlist by all features, and the shortlist.

        Places out of reach keep their quick scores.
        """
        scores, shortlist = self.shortlisted_places(view, places)
        bar = max(scores) - OUT_OF_REACH_MARGIN
        near = [k for k, score in enumerate(scores) if score > bar]
        standings = standing_features(scores, shortlist)
        sentences = sentence_features(view, [shortlist[k] for k in near])
        weight = self.weights.full.get
        for k, names in zip(near, sentences, strict=True):
            scores[k] += sum([weight(name, 0.0) for name in names])
            scores[k] += sum([weight(name, 0.0) for name in standings[k]])
        return scores, shortlist

    def place_reasons(self, view: Window, places: list[int]) -> list[tuple[tuple[str, float], ...]]:
        """For each place, the dozen strongest features in its favour, in words.

        Features that favour all of the places decide nothing between them, and are left out.
        """
        full = sentence_features(view, places)
        in_favour = [
            self._positive_weights(view, place, names)
            for place, names in zip(places, full, strict=True)
        ]
        shared = set.intersection(*map(set, in_favour)) if len(in_favour) > 1 else set()
        reasons = []
        for weights in in_favour:
            own = [(name, weight) for name, weight in weights.items() if name not in shared]
            best = sorted(own, key=lambda pair: -pair[1])[:_REASON_COUNT]
            reasons.append(tuple((describe_feature(name), weight) for name, weight in best))
        return reasons

    def _positive_weights(self, view: Window, place: int, full: list[str]) -> dict[str, float]:
        """The features in favour of a place, with weights; ``full`` are its full-stage features."""
        quick = single_features(view, place) + pair_features(view, place)
        weights = {name: self.weights.quick.get(name, 0.0) for name in quick}
        weights |= {name: self.weights.full.get(name, 0.0) for name in full}
        return {name: weight for name, weight in weights.items() if weight > 0}


def best_places(
    scores: list[float], places: list[int], number: int
) -> tuple[list[float], list[int]]:
    """The ``number`` best scores and their places, in text order."""
    ranked = sorted(zip(scores, places, strict=True), reverse=True)[:number]
    return _scores_and_places(sorted((place, score) for score, place in ranked))


def _scores_and_places(pairs: list[tuple[int, float]]) -> tuple[list[float], list[int]]:
    return [score for _, score in pairs], [place for place, _ in pairs]


def softmax(scores: Sequence[float]) -> list[float]:
    """Probabilities from scores."""
    best = max(scores)
    shares = [math.exp(score - best) for score in scores]
    total = sum(shares)
    return [share / total for share in shares]


@cache
def _default_splitter() -> Splitter:
    return Splitter(load_weights())
