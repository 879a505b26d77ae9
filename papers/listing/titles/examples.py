"""Texts as rows of numbered features, and weights learned from them. Needs numpy."""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from papers.listing.titles.fitting import minimise_loss

MIN_FEATURE_ROWS = 4  # A feature of fewer places than this is not learned.
ROUGH_STEPS = 12
FINAL_STEPS = 60
HOPELESS_PROBABILITY = 1e-5

# The cost of squared weights: one for all features, or one per feature.
Penalty = float | np.ndarray
# One text: its fold, its places, the features of each, their scores so far, the right place.
TextExample = tuple[int, list[int], list[list[str]], list[float], int]


@dataclass(slots=True)
class Examples:
    """Texts, their places (one row each) and the rows' features, as flat arrays with offsets.

    ``base_scores`` are the scores of the rows without their features; ``right_rows`` are the rows
    at which the texts' titles really end, -1 if that is not among a text's places.
    """

    feature_names: list[str]
    features: np.ndarray
    row_starts: np.ndarray
    places: np.ndarray
    base_scores: np.ndarray
    text_starts: np.ndarray
    right_rows: np.ndarray
    folds: np.ndarray

    def row_scores(self, weights: np.ndarray) -> np.ndarray:
        """The base score of each row plus the weights of its features."""
        return self.base_scores + np.add.reduceat(weights[self.features], self.row_starts[:-1])

    def place_probabilities(self, scores: np.ndarray) -> np.ndarray:
        """The softmax over each text's places."""
        starts, counts = self.text_starts[:-1], np.diff(self.text_starts)
        shares = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
        return shares / np.repeat(np.add.reduceat(shares, starts), counts)

    def weights_by_name(self, penalty: Penalty) -> dict[str, float]:
        """The weight learned for each feature."""
        weights = self._fit_weights(penalty)
        return dict(zip(self.feature_names, weights.tolist(), strict=True))

    def out_of_fold_scores(self, penalty: Penalty) -> np.ndarray:
        """The score of every row with weights learned from the other folds."""
        scores = np.zeros(len(self.places))
        row_folds = np.repeat(self.folds, np.diff(self.text_starts))
        for fold in sorted(set(self.folds.tolist())):
            weights = self.select_texts(self.folds != fold)._fit_weights(penalty)
            held_out = row_folds == fold
            scores[held_out] = self.row_scores(weights)[held_out]
        return scores

    def best_answers(self, scores: np.ndarray) -> list[tuple[float, bool]]:
        """For each text, the probability of its best place and whether that place is right."""
        chances = self.place_probabilities(scores)
        best = np.maximum.reduceat(chances, self.text_starts[:-1])
        right = np.where(self.right_rows >= 0, chances[self.right_rows] == best, False)
        return list(zip(best.tolist(), right.tolist(), strict=True))

    def select_texts(self, texts: np.ndarray, rows: np.ndarray | None = None) -> "Examples":
        """A copy with only these texts and, of them, only these rows; both are boolean masks."""
        kept = np.repeat(texts, np.diff(self.text_starts))
        if rows is not None:
            kept &= rows
        sizes = np.diff(self.row_starts)
        per_text = np.add.reduceat(kept.astype(np.int64), self.text_starts[:-1])[texts]
        renumbered = np.where(self.right_rows >= 0, (np.cumsum(kept) - 1)[self.right_rows], -1)
        return Examples(
            feature_names=self.feature_names,
            features=self.features[np.repeat(kept, sizes)],
            row_starts=_start_offsets(sizes[kept]),
            places=self.places[kept],
            base_scores=self.base_scores[kept],
            text_starts=_start_offsets(per_text),
            right_rows=renumbered[texts],
            folds=self.folds[texts],
        )

    def _fit_weights(self, penalty: Penalty) -> np.ndarray:
        """Take a few steps with every place, then finish with those still in the running."""
        taught = self.select_texts(self.right_rows >= 0)
        rough = minimise_loss(
            taught._loss_function(penalty), np.zeros(len(self.feature_names)), ROUGH_STEPS
        )
        return minimise_loss(
            taught._without_hopeless(rough)._loss_function(penalty), rough, FINAL_STEPS
        )

    def _without_hopeless(self, weights: np.ndarray) -> "Examples":
        """Leave out hopeless places, and texts of which only a single place is left."""
        rows = self.place_probabilities(self.row_scores(weights)) > HOPELESS_PROBABILITY
        rows[self.right_rows] = True
        left = np.add.reduceat(rows.astype(np.int64), self.text_starts[:-1])
        return self.select_texts(left > 1, rows) if (left > 1).any() else self

    def _loss_function(self, penalty: Penalty) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
        """The penalised negative log likelihood and its gradient, as a function of the weights."""
        sizes = np.diff(self.row_starts)

        def penalised_loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
            error = self.place_probabilities(self.row_scores(weights))
            cost = -np.log(np.maximum(error[self.right_rows], 1e-300)).sum()
            error[self.right_rows] -= 1
            each = np.repeat(error, sizes)
            gradient = np.bincount(self.features, weights=each, minlength=len(weights))
            pull = penalty * weights
            return cost + weights @ pull / 2, gradient + pull

        return penalised_loss


def collect_examples(texts: Iterable[TextExample]) -> Examples:
    """Number the features and lay the texts end to end; leave out rare features."""
    numbers: dict[str, int] = {}
    flat, sizes, counts = array("i"), array("q"), array("q")
    places, base, right, folds = array("i"), array("d"), array("q"), array("i")
    for fold, text_places, place_features, scores, answer in texts:
        has_answer = answer in text_places
        right.append(len(places) + text_places.index(answer) if has_answer else -1)
        places.extend(text_places)
        base.extend(scores)
        folds.append(fold)
        counts.append(len(text_places))
        for names in place_features:
            # The empty name has no effect; it keeps every row from being empty.
            flat.extend([numbers.setdefault(name, len(numbers)) for name in ("", *names)])
            sizes.append(len(names) + 1)
    features = np.array(flat)
    often = np.bincount(features, minlength=len(numbers)) >= MIN_FEATURE_ROWS
    often[0] = True
    kept = often[features]
    return Examples(
        feature_names=[name for name, keep in zip(numbers, often, strict=True) if keep],
        features=(np.cumsum(often) - 1).astype(np.int32)[features[kept]],
        row_starts=_start_offsets(kept)[_start_offsets(np.array(sizes))],
        places=np.array(places),
        base_scores=np.array(base),
        text_starts=_start_offsets(np.array(counts)),
        right_rows=np.array(right),
        folds=np.array(folds),
    )


def _start_offsets(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)])
