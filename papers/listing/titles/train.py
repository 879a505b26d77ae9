"""Training of the title model: ``python -m papers.listing.titles.train FILE...``.

The files are JSON lines (plain or gzip) with ``title`` and ``abstract``, such as the public arXiv
metadata snapshot. Sixty thousand papers take some minutes and 4 GB; of a file of millions, take
every fortieth line (``--every 40``). Nothing is random: the same files give the same bytes. Needs
numpy, which reading does not.

A stage learns about a paper only from other papers: for each fold of papers, the lexicon and the
quick scores come from the other folds, as they will for a new paper.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from papers.listing.titles import weights
from papers.listing.titles.evaluate import accuracy_summary
from papers.listing.titles.examples import Examples, TextExample, collect_examples
from papers.listing.titles.features import pair_features, single_features, standing_features
from papers.listing.titles.fitting import fit_calibration
from papers.listing.titles.lexicon import Counts, Lexicon
from papers.listing.titles.papers import FOLD_COUNT, Paper, read_papers
from papers.listing.titles.sentences import sentence_features
from papers.listing.titles.split import SHORTLIST_SIZE, best_places
from papers.listing.titles.weights import Weights
from papers.listing.titles.window import Window, analyse_word, build_window, likely_places

QUICK_PENALTY = 1.0
FULL_PENALTY = 16.0
# Features that are rare and hardly ever wrong may weigh more than a few examples would allow.
SURE_PENALTY = 2.0
SURE_PREFIXES = (
    "across=",
    "acrosscloses=",
    "acrossinto=",
    "acrossstarts=",
    "asked=",
    "asks=",
    "defined=",
    "intitle=",
    "label=",
    "labelled=",
    "name=",
    "open=",
    "opening=",
    "quotes=",
    "rank=",
    "sentences=",
    "spelt=",
    "subject=",
    "together=",
    "triples=",
    "twice=",
)
SETTLED_PROBABILITY = 0.999


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn weights from the files and write them to ``--output``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=weights.WEIGHTS_FILE)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take each Nth line")
    options = parser.parse_args(arguments)
    papers = list(read_papers(options.files, options.every))
    options.output.write_bytes(weights.pack_weights(learn_weights(papers)))


def learn_weights(papers: list[Paper]) -> Weights:
    """Learn the weights of both stages, of the second from the out-of-fold scores of the first."""
    lexicon, others = build_lexicons(papers)
    views = HeldOutWindows(others)
    quick = collect_examples(quick_texts(papers, views))
    scores = quick.out_of_fold_scores(QUICK_PENALTY)
    answers = quick.best_answers(scores)
    settled = np.array([chance >= SETTLED_PROBABILITY for chance, _ in answers])
    print(f"Quick stage, unseen papers: {accuracy_summary(answers)}, {settled.mean():.1%} settled")
    full = collect_examples(full_texts(papers, views, quick, scores, settled))
    penalty = feature_penalties(full.feature_names)
    late_answers = full.best_answers(full.out_of_fold_scores(penalty))
    print(f"Full stage, what was not settled: {accuracy_summary(late_answers)}")
    return Weights(
        lexicon=lexicon,
        quick=quick.weights_by_name(QUICK_PENALTY),
        full=full.weights_by_name(penalty),
        quick_calibration=fit_calibration(
            [a for a, done in zip(answers, settled, strict=True) if done]
        ),
        full_calibration=fit_calibration(late_answers),
        settled_threshold=SETTLED_PROBABILITY,
    )


def feature_penalties(names: list[str]) -> np.ndarray:
    """The full stage's penalty on each feature's weight."""
    return np.array(
        [SURE_PENALTY if name.startswith(SURE_PREFIXES) else FULL_PENALTY for name in names]
    )


def build_lexicons(papers: list[Paper]) -> tuple[Lexicon, list[Lexicon]]:
    """The lexicon of all papers, and for each fold the lexicon of the other folds."""
    folds = [Counts() for _ in range(FOLD_COUNT)]
    for paper in papers:
        if paper.form == "raw":
            folds[paper.fold].add_paper(paper.title, paper.abstract)
    total = Counts()
    for counts in folds:
        total.add_counts(counts)
    return total.to_lexicon(), [total.without(counts).to_lexicon() for counts in folds]


class HeldOutWindows:
    """Windows on papers, each with the lexicon that was made without the paper."""

    def __init__(self, others: list[Lexicon]):
        self.lexicons = others
        self.looks = [cache(partial(analyse_word, lexicon=lexicon)) for lexicon in others]

    def __call__(self, paper: Paper) -> Window:
        return build_window(paper.text, self.looks[paper.fold], self.lexicons[paper.fold])


def quick_texts(papers: list[Paper], views: HeldOutWindows) -> Iterator[TextExample]:
    """Every paper with its likely places."""
    for paper in papers:
        view = views(paper)
        places = likely_places(view) or [1]
        features = [single_features(view, place) + pair_features(view, place) for place in places]
        yield paper.fold, places, features, [0.0] * len(places), paper.title_place


def full_texts(
    papers: list[Paper],
    views: HeldOutWindows,
    quick: Examples,
    scores: np.ndarray,
    settled: np.ndarray,
) -> Iterator[TextExample]:
    """The papers that the quick stage does not settle, each with its shortlist."""
    for n in np.flatnonzero(~settled):
        rows = slice(quick.text_starts[n], quick.text_starts[n + 1])
        known, places = best_places(
            scores[rows].tolist(), quick.places[rows].tolist(), SHORTLIST_SIZE
        )
        view = views(papers[n])
        features = [
            names + standing
            for names, standing in zip(
                sentence_features(view, places), standing_features(known, places), strict=True
            )
        ]
        yield papers[n].fold, places, features, known, papers[n].title_place


if __name__ == "__main__":
    main()
