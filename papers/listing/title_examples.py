"""Texts as rows of numbered features, and learning weights from them. Needs numpy."""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .title_fitting import minimise

RARE = 4  # A feature that fewer places have is not learned.
ROUGH_STEPS = 12
STEPS = 60
HOPELESS = 1e-5

# What the squares of the weights cost: the same for all features, or for each its own.
Penalty = float | np.ndarray
# For each text: its fold, its places, the features of each, their scores so far, the right place.
Text = tuple[int, list[int], list[list[str]], list[float], int]


@dataclass(slots=True)
class Examples:
    """Texts, their places (a row each) and the rows' features, as flat arrays with starts.

    ``base`` is what a row scores before its features; ``right`` is the row where a text's title
    really ends, -1 where that is not among its places.
    """

    names: list[str]
    features: np.ndarray
    row_starts: np.ndarray
    places: np.ndarray
    base: np.ndarray
    text_starts: np.ndarray
    right: np.ndarray
    folds: np.ndarray

    def scores(self, weights: np.ndarray) -> np.ndarray:
        return self.base + np.add.reduceat(weights[self.features], self.row_starts[:-1])

    def chances(self, scores: np.ndarray) -> np.ndarray:
        """The softmax over each text's places."""
        starts, counts = self.text_starts[:-1], np.diff(self.text_starts)
        shares = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
        return shares / np.repeat(np.add.reduceat(shares, starts), counts)

    def learn(self, penalty: Penalty) -> dict[str, float]:
        weights = self._weights(penalty)
        return dict(zip(self.names, weights.tolist(), strict=True))

    def honest_scores(self, penalty: Penalty) -> np.ndarray:
        """Every row's score by weights that were learned from the other folds."""
        honest = np.zeros(len(self.places))
        row_folds = np.repeat(self.folds, np.diff(self.text_starts))
        for fold in sorted(set(self.folds.tolist())):
            weights = self.only(self.folds != fold)._weights(penalty)
            mine = row_folds == fold
            honest[mine] = self.scores(weights)[mine]
        return honest

    def answers(self, scores: np.ndarray) -> list[tuple[float, bool]]:
        """For each text the best place's probability, and whether that place is right."""
        chances = self.chances(scores)
        best = np.maximum.reduceat(chances, self.text_starts[:-1])
        right = np.where(self.right >= 0, chances[self.right] == best, False)
        return list(zip(best.tolist(), right.tolist(), strict=True))

    def only(self, texts: np.ndarray, rows: np.ndarray | None = None) -> "Examples":
        """These texts alone, and of them these rows alone."""
        kept = np.repeat(texts, np.diff(self.text_starts))
        if rows is not None:
            kept &= rows
        sizes = np.diff(self.row_starts)
        per_text = np.add.reduceat(kept.astype(np.int64), self.text_starts[:-1])[texts]
        renumbered = np.where(self.right >= 0, (np.cumsum(kept) - 1)[self.right], -1)
        return Examples(
            names=self.names,
            features=self.features[np.repeat(kept, sizes)],
            row_starts=_starts(sizes[kept]),
            places=self.places[kept],
            base=self.base[kept],
            text_starts=_starts(per_text),
            right=renumbered[texts],
            folds=self.folds[texts],
        )

    def _weights(self, penalty: Penalty) -> np.ndarray:
        """A few steps with every place, then to the end with those still in the running."""
        taught = self.only(self.right >= 0)
        rough = minimise(taught._loss(penalty), np.zeros(len(self.names)), ROUGH_STEPS)
        return minimise(taught._contested(rough)._loss(penalty), rough, STEPS)

    def _contested(self, weights: np.ndarray) -> "Examples":
        """Without the places that have no hope, and the texts where that leaves a single one."""
        rows = self.chances(self.scores(weights)) > HOPELESS
        rows[self.right] = True
        left = np.add.reduceat(rows.astype(np.int64), self.text_starts[:-1])
        return self.only(left > 1, rows) if (left > 1).any() else self

    def _loss(self, penalty: Penalty) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
        """The penalised negative log likelihood, with its gradient."""
        sizes = np.diff(self.row_starts)

        def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
            error = self.chances(self.scores(weights))
            cost = -np.log(np.maximum(error[self.right], 1e-300)).sum()
            error[self.right] -= 1
            each = np.repeat(error, sizes)
            gradient = np.bincount(self.features, weights=each, minlength=len(weights))
            pull = penalty * weights
            return cost + weights @ pull / 2, gradient + pull

        return loss


def gather(texts: Iterable[Text]) -> Examples:
    """Number the features and lay the texts end to end, without features that are rare."""
    numbers: dict[str, int] = {}
    flat, sizes, counts = array("i"), array("q"), array("q")
    places, base, right, folds = array("i"), array("d"), array("q"), array("i")
    for fold, text_places, features, scores, answer in texts:
        found = answer in text_places
        right.append(len(places) + text_places.index(answer) if found else -1)
        places.extend(text_places)
        base.extend(scores)
        folds.append(fold)
        counts.append(len(text_places))
        for names in features:
            # The empty name, without effect, keeps every row from being empty.
            flat.extend([numbers.setdefault(name, len(numbers)) for name in ("", *names)])
            sizes.append(len(names) + 1)
    features = np.array(flat)
    often = np.bincount(features, minlength=len(numbers)) >= RARE
    often[0] = True
    kept = often[features]
    return Examples(
        names=[name for name, keep in zip(numbers, often, strict=True) if keep],
        features=(np.cumsum(often) - 1).astype(np.int32)[features[kept]],
        row_starts=_starts(kept)[_starts(np.array(sizes))],
        places=np.array(places),
        base=np.array(base),
        text_starts=_starts(np.array(counts)),
        right=np.array(right),
        folds=np.array(folds),
    )


def _starts(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)])
