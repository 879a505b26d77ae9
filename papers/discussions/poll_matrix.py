"""The top papers by the dates of a poll: how many of those who want each can come on each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from papers.discussions.poll_grid import MAYBE, PollAnswers, PollDate, votes_and_offers
from papers.library import ranking

if TYPE_CHECKING:
    from papers.models import AgendaItem, Group, Paper

TOP_PAPERS = 6


@dataclass
class MatrixCell:
    """How many of those who want a paper can come on a date; ``maybe`` of them if necessary."""

    option: PollDate
    can_come: int
    maybe: int
    is_best: bool = False
    is_tied: bool = False  # another cell is as good as this one, which is best


@dataclass
class MatrixRow:
    """One paper of the matrix."""

    paper: Paper
    wanting: int
    cells: list[MatrixCell] = field(default_factory=list)


def paper_date_matrix(
    dates: Iterable[PollDate], items: Iterable[AgendaItem], answers: PollAnswers, group: Group
) -> list[MatrixRow]:
    """The rows of the agenda, and then of the top of the ranking; the best cells are marked.

    Past dates are left out. If all are past, there are no rows.
    """
    dates = [date for date in dates if not date.is_past]
    if not dates:
        return []
    papers = {item.paper_id: item.paper for item in items}
    for ranked in islice(ranking.ranked_papers(group), TOP_PAPERS):
        papers.setdefault(ranked.pk, ranked)
    wants = votes_and_offers(group, papers.values()).wants
    rows = []
    for paper in papers.values():
        users = wants[paper.pk]
        row = MatrixRow(paper, len(users))
        for date in dates:
            maybe = len(answers.who_answered(date.pk, MAYBE, users))
            row.cells.append(MatrixCell(date, len(answers.who_can_come(date.pk, users)), maybe))
        rows.append(row)
    _mark_best([cell for row in rows for cell in row.cells])
    return rows


def _mark_best(cells: Iterable[MatrixCell]) -> None:
    """Mark the cells in which most can come; among equals, with the fewest "if necessary"."""

    def worth(cell: MatrixCell) -> tuple[int, int]:
        return cell.can_come, -cell.maybe

    able = [cell for cell in cells if cell.can_come]
    most = max(map(worth, able), default=None)
    best = [cell for cell in able if worth(cell) == most]
    for cell in best:
        cell.is_best, cell.is_tied = True, len(best) > 1
