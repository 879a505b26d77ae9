"""The tabs above the list of papers, one for each status, and what the current one leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from papers.library.ranking import join_names
from papers.models import Paper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from papers.library.filters import PaperFilter


@dataclass(frozen=True)
class StatusTab:
    """The papers of one status, or all, that pass the other filters."""

    label: str
    count: int
    query: str
    is_current: bool


def status_tabs(paper_filter: PaperFilter, counts: Mapping[str, int]) -> list[StatusTab]:
    """A tab for each status that has papers, and one for all; ``counts``: papers by status."""
    chosen, others = paper_filter.cleaned_value("status") or [], paper_filter.other_filters
    always = {Paper.Status.OPEN, *chosen}
    tabs = [
        StatusTab(
            label=str(status.label),
            count=counts.get(status, 0),
            query=paper_filter.query_of([*others, ("status", str(status))]),
            is_current=chosen == [status],
        )
        for status in Paper.Status
        if counts.get(status) or status in always
    ]
    every = StatusTab("All", sum(counts.values()), paper_filter.query_of(others), not chosen)
    return [*tabs, every]


def left_out(paper_filter: PaperFilter, counts: Mapping[str, int]) -> str:
    """How many papers pass the filters but that of the status, in words; "" if none do.

    ``counts``: papers by status. Without other filters the tabs say enough.
    """
    chosen = paper_filter.cleaned_value("status")
    others = [one for one in Paper.Status if chosen and one not in chosen and counts.get(one)]
    if not others or not paper_filter.other_filters:
        return ""
    number = sum(counts[one] for one in others)
    labels = [str(one.label).lower() for one in others]
    return f"{number:,} more among {join_names(labels)} papers"
