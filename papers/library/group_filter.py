"""The base of the filters of papers and discussions, and the canonical URL of a choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.text import Truncator
from django_filters import Filter, FilterSet

from papers.listing.links import is_tracking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from papers.models import Group

YEAR_LIMITS: dict[str, Any] = {
    "min_value": 1000,
    "max_value": 9999,
    "error_messages": dict.fromkeys(
        ["invalid", "min_value", "max_value"], "Enter a year with four digits."
    ),
}


# Parameters of a list that are no filters. Those by which other sites track readers are ignored.
OTHER_PARAMETERS = {"page", "export"}
MOST_NAMED = 3  # unknown parameters that are named in errors


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
        self.group, self.parameters = group, list(data)
        self.filters["topic"].extra["choices"] = lambda: self.topic_names.items()

    def with_defaults(self, data: QueryDict) -> QueryDict:
        """``data``, a mutable copy of the query, with the filters that apply if none is set."""
        return data

    @cached_property
    def form(self) -> forms.Form:
        """The form of the filters, with the errors in the names of parameters.

        An unknown filter would be ignored, and of a repeated one only the last value would apply:
        either way the list would be another than the one that was asked for.
        """
        form = super().form
        unknown = [name for name in self.parameters if not self._is_known(name, form)]
        for name in unknown[:MOST_NAMED]:
            form.add_error(None, _unknown_filter_error(name, form.fields))
        for name, field in form.fields.items():
            is_single = not isinstance(field, forms.MultipleChoiceField)
            if is_single and len(set(form.data.getlist(name))) > 1:
                form.add_error(name, "Choose one value: there are several in the address.")
        return form

    def _is_known(self, name: str, form: forms.Form) -> bool:
        return name in form.fields or name in OTHER_PARAMETERS or is_tracking(name)

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


def _unknown_filter_error(name: str, known: Iterable[str]) -> str:
    """ "There is no filter “statuss”. Did you mean “status”?" """
    similar = get_close_matches(name.lower(), known, n=1)
    advice = f"Did you mean “{similar[0]}”?" if similar else "Clear the filters to see everything."
    return f"There is no filter “{Truncator(name).chars(40)}”. {advice}"


def _without_blanks(data: QueryDict) -> QueryDict:
    filled = QueryDict(mutable=True)
    for name, values in data.lists():
        for value in filter(str.strip, values):
            filled.appendlist(name, value)
    return filled
