"""Learn where titles end: ``python -m papers.listing.train FILE...`` writes the weights file.

The files are JSON lines (plain or gzip) with ``title`` and ``abstract``, the public arXiv metadata
snapshot among them; sixty thousand papers take some minutes and 4 GB, so of a file of millions take
``--every`` fortieth line. Nothing is drawn at random: the same files give the same bytes. Needs
numpy, which reading does not.

Whatever a stage is given about a paper comes from papers other than that one: the lexicon and the
quick scores are made for each fold of papers from the other folds, as they will be for a new paper.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from . import title_weights
from .evaluate import summary
from .title_examples import Examples, Text, gather
from .title_features import pair_features, single_features, standing_features
from .title_fitting import platt
from .title_lexicon import Counts, Lexicon
from .title_papers import FOLDS, Paper, read_papers
from .title_sentences import sentence_features
from .title_weights import Weights
from .title_window import Window, likely_places, look_at, window
from .titles import SHORTLIST, best_places

QUICK_PENALTY = 1.0
FULL_PENALTY = 16.0
# What speaks seldom and hardly ever errs may weigh more than a few examples would let it.
SURE_PENALTY = 2.0
SURE = (
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
SETTLED = 0.999


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=title_weights.FILE)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take each Nth line")
    options = parser.parse_args(arguments)
    papers = list(read_papers(options.files, options.every))
    options.output.write_bytes(title_weights.pack(learn(papers)))


def learn(papers: list[Paper]) -> Weights:
    """Both stages, the second upon the honest scores of the first."""
    lexicon, others = lexicons(papers)
    views = Views(others)
    quick = gather(quick_texts(papers, views))
    scores = quick.honest_scores(QUICK_PENALTY)
    answers = quick.answers(scores)
    settled = np.array([chance >= SETTLED for chance, _ in answers])
    print(f"Quick stage, unseen papers: {summary(answers)}, {settled.mean():.1%} settled")
    full = gather(full_texts(papers, views, quick, scores, settled))
    penalty = penalties(full.names)
    late_answers = full.answers(full.honest_scores(penalty))
    print(f"Full stage, what was not settled: {summary(late_answers)}")
    return Weights(
        lexicon=lexicon,
        quick=quick.learn(QUICK_PENALTY),
        full=full.learn(penalty),
        quick_calibration=platt([a for a, done in zip(answers, settled, strict=True) if done]),
        full_calibration=platt(late_answers),
        settled=SETTLED,
    )


def penalties(names: list[str]) -> np.ndarray:
    """What each feature's weight costs the full stage."""
    return np.array([SURE_PENALTY if name.startswith(SURE) else FULL_PENALTY for name in names])


def lexicons(papers: list[Paper]) -> tuple[Lexicon, list[Lexicon]]:
    """The lexicon of all papers, and for each fold that of the others."""
    folds = [Counts() for _ in range(FOLDS)]
    for paper in papers:
        if paper.form == "raw":
            folds[paper.fold].add(paper.title, paper.abstract)
    total = Counts()
    for counts in folds:
        total.update(counts)
    return total.lexicon(), [total.without(counts).lexicon() for counts in folds]


class Views:
    """Windows on papers, each through the lexicon that does not know the paper."""

    def __init__(self, others: list[Lexicon]):
        self.lexicons = others
        self.looks = [cache(partial(look_at, lexicon=lexicon)) for lexicon in others]

    def __call__(self, paper: Paper) -> Window:
        return window(paper.text, self.looks[paper.fold], self.lexicons[paper.fold])


def quick_texts(papers: list[Paper], views: Views) -> Iterator[Text]:
    for paper in papers:
        view = views(paper)
        places = likely_places(view) or [1]
        features = [single_features(view, place) + pair_features(view, place) for place in places]
        yield paper.fold, places, features, [0.0] * len(places), paper.place


def full_texts(
    papers: list[Paper], views: Views, quick: Examples, scores: np.ndarray, settled: np.ndarray
) -> Iterator[Text]:
    """The papers that the quick stage does not settle, each with its shortlist."""
    for n in np.flatnonzero(~settled):
        rows = slice(quick.text_starts[n], quick.text_starts[n + 1])
        known, places = best_places(scores[rows].tolist(), quick.places[rows].tolist(), SHORTLIST)
        view = views(papers[n])
        features = [
            names + standing
            for names, standing in zip(
                sentence_features(view, places), standing_features(known, places), strict=True
            )
        ]
        yield papers[n].fold, places, features, known, papers[n].place


if __name__ == "__main__":
    main()
