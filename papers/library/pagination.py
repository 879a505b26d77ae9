"""A page of a long list at the price of a short one."""

import re

from django.core.paginator import Paginator
from django.db.models.functions import Left

from papers.models import Paper

PAGE_SIZE = 25
OPENING_LENGTH = 300  # characters of the abstract that a list shows

PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def page_number(text):
    """The page asked for; the first where it is no number."""
    return int(text) if text and PAGE_NUMBER.fullmatch(text) else 1


class OrderedIds:
    """The ids of ordered rows, ``first`` being those that are known already.

    The second half is read from the end: a database reads all that an OFFSET skips.
    """

    def __init__(self, rows, total, first=()):
        self.rows, self.total, self.first = rows, total, first

    def count(self):
        return self.total

    def __getitem__(self, wanted):
        start, stop = wanted.start, min(wanted.stop, self.total)
        if stop <= len(self.first):
            return self.first[start:stop]
        if start <= self.total // 2:
            return list(self.rows.values_list("pk", flat=True)[start:stop])
        backwards = self.rows.reverse().values_list("pk", flat=True)
        return list(backwards[self.total - stop : self.total - start])[::-1]


class RankedIds:
    """The ids that have a rank, then ``rest``, the ``OrderedIds`` of those that have none."""

    def __init__(self, ids, rest):
        self.ids, self.rest = ids, rest

    def count(self):
        return len(self.ids) + self.rest.count()

    def __getitem__(self, wanted):
        start, stop = wanted.start, min(wanted.stop, self.count())
        found, behind = self.ids[start:stop], len(self.ids)
        if stop <= behind:
            return found
        return found + self.rest[max(start - behind, 0) : stop - behind]


def paper_page(ids, number):
    """The page ``number`` of ``ids``, the last where there are fewer; it holds papers."""
    page = Paginator(ids, PAGE_SIZE).get_page(number)
    page.object_list = _papers_for_list(page.object_list)
    return page


def _papers_for_list(ids):
    """What a list shows of the papers ``ids``, in their order."""
    papers = Paper.objects.filter(pk__in=ids).defer("abstract", "identity", "title_key")
    papers = (
        papers.annotate(opening=Left("abstract", OPENING_LENGTH))
        .select_related("proposed_by")
        .prefetch_related("topics")
    )
    found = {paper.pk: paper for paper in papers.order_by()}
    return [found[pk] for pk in ids if pk in found]
