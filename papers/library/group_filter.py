"""The base of the filters of papers and discussions, and the canonical URL of a choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django_filters import Filter, FilterSet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from papers.models import Group

YEAR_LIMITS: dict[str, Any] = {
    "min_value": 1000,
    "max_value": 9999,
    "error_messages": dict.fromkeys(
        ["invalid", "min_value", "max_value"], "Enter a year of four digits."
    ),
}


class WholeNumberFilter(Filter):
    field_class = forms.IntegerField


@dataclass(frozen=True)
class Chip:
    """An active filter, and the query string without it."""

    label: str
    query: str


class GroupFilter(FilterSet):
    """The filters that a member sets on a group's rows. One of them is ``topic``.

    Each choice has one URL: a query string of (name, value) pairs in a fixed order, without
    empty values and defaults. Everything but `cleaned_value` needs a valid form.
    """

    def __init__(self, data: QueryDict, rows: QuerySet[Any], *, group: Group) -> None:
        super().__init__(self.with_defaults(_without_blanks(data)), rows)
        self.group = group
        self.filters["topic"].extra["choices"] = lambda: self.topic_names.items()

    def with_defaults(self, data: QueryDict) -> QueryDict:
        """``data``, a mutable copy of the query, with the filters that apply if none is set."""
        return data

    @cached_property
    def topic_names(self) -> dict[str, str]:
        """The names of the group's topics by slug."""
        return dict(self.group.topics.values_list("slug", "name"))

    def cleaned_value(self, name: str) -> Any:
        """The value of the filter ``name``; None if it is not set or has an error."""
        return self.form.cleaned_data.get(name)

    @cached_property
    def active_filters(self) -> list[tuple[str, str]]:
        """The filters that are set, as pairs of name and value: one pair for each value."""
        pairs = []
        for name in self.filters:
            value = self.cleaned_value(name)
            if isinstance(value, list):
                pairs += [(name, item) for item in sorted(value)]
            elif value:
                pairs.append((name, str(getattr(value, "pk", value))))
        return list(dict.fromkeys(pairs))

    @property
    def sort_pairs(self) -> list[tuple[str, str]]:
        """The pair that names the order; empty if it is the default or cannot be chosen."""
        return []

    def query_string(
        self, *more: tuple[str, object], without: tuple[str, str] | None = None, sort: str = ""
    ) -> str:
        """The query string of this choice, with its "?".

        The pairs ``more`` are added unless their value is empty; the pair ``without`` is left out;
        ``sort`` replaces the order.
        """
        kept = [pair for pair in self.active_filters if pair != without]
        return self.query_of(kept, *more, sort=sort)

    def query_of(
        self, filters: Iterable[tuple[str, str]], *more: tuple[str, object], sort: str = ""
    ) -> str:
        """The query string with ``filters`` in place of those that are set, in the same order."""
        names = list(self.filters)
        ordered = sorted(filters, key=lambda pair: names.index(pair[0]))
        pairs: list[tuple[str, object]] = [*self.url_pairs(ordered)]
        pairs += [("sort", sort)] if sort else self.sort_pairs
        return "?" + urlencode(pairs + [pair for pair in more if pair[1]])

    def url_pairs(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The filters ``pairs`` as a URL names them."""
        return pairs

    def chips(self) -> list[Chip]:
        """The active filters, each with a link to remove it."""
        return [
            Chip(self.chip_label(name, value), self.query_string(without=(name, value)))
            for name, value in self.active_filters
        ]

    def chip_label(self, name: str, value: str) -> str:
        """The active filter (``name``, ``value``) in words."""
        raise NotImplementedError


def _without_blanks(data: QueryDict) -> QueryDict:
    filled = QueryDict(mutable=True)
    for name, values in data.lists():
        for value in filter(str.strip, values):
            filled.appendlist(name, value)
    return filled
