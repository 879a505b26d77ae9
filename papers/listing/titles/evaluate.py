"""Measurement of the title splitter: ``python -m papers.listing.titles.evaluate FILE...``.

The files are JSON lines (plain or gzip) with ``title``, ``abstract`` and ``set``. Sets are never
pooled; each is measured as written and with TeX simplified.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from papers.listing.titles.papers import Paper, read_papers
from papers.listing.titles.split import split

SURE_CONFIDENCE = 0.9

Answer = tuple[float, bool]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print accuracy and calibration for each set and form of papers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    for (origin, form), answers in sorted(answers_by_set(read_papers(options.files)).items()):
        print(f"{origin or '(no set)'}, {form}: {accuracy_summary(answers)}")
        print("\n".join(calibration_lines(answers)))


def answers_by_set(papers: Iterable[Paper]) -> dict[tuple[str, str], list[Answer]]:
    """For each set and form: the confidence in every title, and whether it is exactly right."""
    answers = defaultdict(list)
    for paper in papers:
        cut = split(paper.text)
        answers[paper.origin, paper.form].append((cut.confidence, cut.title == paper.title))
    return answers


def accuracy_summary(answers: Sequence[Answer]) -> str:
    """The shares of right titles and of flagged ones, and how many wrong ones were not flagged."""
    count = len(answers)
    right = sum(is_right for _, is_right in answers)
    unflagged = [is_right for confidence, is_right in answers if confidence >= SURE_CONFIDENCE]
    slipped = len(unflagged) - sum(unflagged)
    return (
        f"{count} titles, {right / count:.2%} right, {1 - len(unflagged) / count:.2%} flagged, "
        f"{slipped} of {len(unflagged)} unflagged wrong"
    )


def calibration_lines(answers: Sequence[Answer]) -> list[str]:
    """One line per tenth of confidence that has answers: mean confidence and accuracy."""
    bins = defaultdict(list)
    for answer in answers:
        bins[min(int(answer[0] * 10), 9)].append(answer)
    return [_bin_line(tenth, bins[tenth]) for tenth in sorted(bins)]


def _bin_line(tenth: int, answers: Sequence[Answer]) -> str:
    mean_confidence = sum(confidence for confidence, _ in answers) / len(answers)
    accuracy = sum(is_right for _, is_right in answers) / len(answers)
    span = f"{tenth / 10:.1f}-{tenth / 10 + 0.1:.1f}"
    return f"    {span}: {len(answers):6} titles, said {mean_confidence:.4f}, right {accuracy:.4f}"


if __name__ == "__main__":
    main()
