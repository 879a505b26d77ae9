"""Learn where titles end: ``python -m papers.listing.train FILE...`` writes the weights file.

The files are JSON lines (plain or gzip) with ``title`` and ``abstract``, the public arXiv metadata
snapshot among them. Nothing is drawn at random, so the same files give the same bytes. Needs numpy,
which reading does not.
"""

import argparse
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from . import title_weights
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
from .title_fitting import minimise, platt
from .title_papers import Paper, read_papers
from .title_weights import Calibration, Weights
from .titles import Splitter

HELD_OUT_FOLD = 0
RARE = 4  # A feature that fewer places have is not learned.
PENALTY = 1.0
STEPS = 60
SETTLED = 0.995

_look = cache(look_at)


@dataclass(slots=True)
class Examples:
    """Texts, their places and the places' features, each as a flat array with the others' starts.

    ``right`` is the row of the place where each title really ends.
    """

    names: list[str]
    features: np.ndarray
    feature_starts: np.ndarray
    place_starts: np.ndarray
    right: np.ndarray

    def probabilities(self, weights: np.ndarray) -> np.ndarray:
        """The softmax over each text's places."""
        scores = np.add.reduceat(weights[self.features], self.feature_starts[:-1])
        starts, counts = self.place_starts[:-1], np.diff(self.place_starts)
        shares = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
        return shares / np.repeat(np.add.reduceat(shares, starts), counts)

    def loss(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """The penalised negative log likelihood and its gradient."""
        chance = self.probabilities(weights)
        loss = -np.log(np.maximum(chance[self.right], 1e-300)).sum()
        chance[self.right] -= 1
        each = np.repeat(chance, np.diff(self.feature_starts))
        gradient = np.bincount(self.features, weights=each, minlength=len(weights))
        return loss + PENALTY / 2 * (weights @ weights), gradient + PENALTY * weights

    def learn(self) -> dict[str, float]:
        weights = minimise(self.loss, np.zeros(len(self.names)), STEPS)
        return dict(zip(self.names, weights.tolist(), strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=title_weights.FILE)
    options = parser.parse_args(arguments)
    papers = list(read_papers(options.files))
    options.output.write_bytes(title_weights.pack(learn(papers)))


def learn(papers: list[Paper]) -> Weights:
    """Weights from all papers, calibrated by a model that had not seen a tenth of them."""
    seen = [paper for paper in papers if paper.fold != HELD_OUT_FOLD]
    unseen = [paper for paper in papers if paper.fold == HELD_OUT_FOLD]
    quick, full = calibrations(fit(seen), unseen)
    return replace(fit(papers), quick_calibration=quick, full_calibration=full)


def fit(papers: list[Paper]) -> Weights:
    """Learn the quick stage, then the full one on the places that the quick one shortlists."""
    even = Calibration()
    quick = gather(papers, pair_features, likely_places).learn()
    splitter = Splitter(Weights(quick, {}, even, even, SETTLED))
    full = gather(papers, full_features, splitter.shortlist, splitter.look).learn()
    return Weights(quick, full, even, even, SETTLED)


def full_features(view: Window, place: int) -> list[str]:
    return pair_features(view, place) + sentence_features(view, place)


def gather(
    papers: Iterable[Paper],
    features: Callable[[Window, int], list[str]],
    choose: Callable[[Window], list[int]],
    look: Callable[[str], Word] = _look,
) -> Examples:
    """The examples that papers make; one whose right place is not among the chosen makes none."""
    numbers: dict[str, int] = {}
    rows, row_starts, place_starts, right = array("i"), array("q", [0]), array("q", [0]), array("q")
    for paper in papers:
        view = window(paper.text, look)
        places = choose(view)
        if paper.place not in places:
            continue
        right.append(place_starts[-1] + places.index(paper.place))
        for place in places:
            for name in (*_beside(view, place), *features(view, place)):
                rows.append(numbers.setdefault(name, len(numbers)))
            row_starts.append(len(rows))
        place_starts.append(len(row_starts) - 1)
    return _without_rare(numbers, rows, row_starts, place_starts, right)


def _beside(view: Window, place: int) -> list[str]:
    names = [""]  # A row must not be empty.
    for k, role in enumerate(ROLES):
        names += _alone(role, view.words[place + k - 2].text)
    return names


@cache
def _alone(role: str, text: str) -> list[str]:
    return word_features(role, _look(text))


def _without_rare(
    numbers: dict[str, int], rows: array, row_starts: array, place_starts: array, right: array
) -> Examples:
    features = np.frombuffer(rows, dtype=np.int32)
    often = np.bincount(features, minlength=len(numbers)) >= RARE
    kept = often[features]
    renumbered = (np.cumsum(often) - 1).astype(np.int32)
    return Examples(
        names=[name for name, keep in zip(numbers, often, strict=True) if keep],
        features=renumbered[features[kept]],
        feature_starts=np.concatenate([[0], np.cumsum(kept)])[np.array(row_starts)],
        place_starts=np.array(place_starts),
        right=np.array(right),
    )


def calibrations(weights: Weights, papers: list[Paper]) -> tuple[Calibration, Calibration]:
    """Platt's sigmoid for each stage, from papers that the weights were not learned from."""
    splitter = Splitter(weights)
    answers: dict[bool, list[tuple[float, bool]]] = {True: [], False: []}
    for paper in papers:
        view = window(paper.text, splitter.look)
        place, probability, settled = splitter.decide(view, likely_places(view))
        answers[settled].append((probability, place == paper.place))
    return platt(answers[True]), platt(answers[False])


if __name__ == "__main__":
    main()
