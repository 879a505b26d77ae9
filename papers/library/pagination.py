"""Pagination of long lists of papers, whose last pages cost no more than the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models.functions import Left

from papers.models import Paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.paginator import Page
    from django.db.models import QuerySet

PAGE_SIZE = 25
OPENING_LENGTH = 300  # characters of the abstract that a list shows

PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def page_number(text: str | None) -> int:
    """The page number in ``text``; 1 if there is none."""
    return int(text) if text and PAGE_NUMBER.fullmatch(text) else 1


class OrderedIds:
    """The ids of ordered rows, for a paginator; ``first``: the first ids, if they are known.

    The second half is read from the end, because a database reads all rows that an OFFSET skips.
    """

    def __init__(self, rows: QuerySet[Paper], total: int, first: Sequence[int] = ()) -> None:
        self.rows, self.total, self.first = rows, total, first

    def count(self) -> int:
        return self.total

    def __getitem__(self, wanted: slice) -> list[int]:
        start, stop = wanted.start, min(wanted.stop, self.total)
        if stop <= len(self.first):
            return list(self.first[start:stop])
        if start <= self.total // 2:
            return list(self.rows.values_list("pk", flat=True)[start:stop])
        backwards = self.rows.reverse().values_list("pk", flat=True)
        return list(backwards[self.total - stop : self.total - start])[::-1]


class RankedIds:
    """The ids of ranked rows, then ``rest``, the ids of the others, for a paginator."""

    def __init__(self, ids: list[int], rest: OrderedIds) -> None:
        self.ids, self.rest = ids, rest

    def count(self) -> int:
        return len(self.ids) + self.rest.count()

    def __getitem__(self, wanted: slice) -> list[int]:
        start, stop = wanted.start, min(wanted.stop, self.count())
        ids, ranked = self.ids[start:stop], len(self.ids)
        if stop <= ranked:
            return ids
        return ids + self.rest[max(start - ranked, 0) : stop - ranked]


def paper_page(ids: OrderedIds | RankedIds | list[int], number: int) -> Page[Any]:
    """The page ``number`` of the papers ``ids``; the last page if there are fewer."""
    # The stubs ask for a sequence; a paginator only counts and slices.
    page: Page[Any] = Paginator(ids, PAGE_SIZE).get_page(number)  # type: ignore[arg-type]
    page.object_list = _papers_for_list(list(page.object_list))
    return page


def _papers_for_list(ids: list[int]) -> list[Paper]:
    """The papers ``ids`` in their order, with ``opening``, the beginning of the abstract."""
    papers = Paper.objects.filter(pk__in=ids).defer("abstract", "identity", "title_key")
    papers = (
        papers.annotate(opening=Left("abstract", OPENING_LENGTH))
        .select_related("proposed_by")
        .prefetch_related("topics")
    )
    by_id = {paper.pk: paper for paper in papers.order_by()}
    return [by_id[pk] for pk in ids if pk in by_id]
