"""What a member chooses to see of a group's papers, and the one address of each choice."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django_filters import (
    CharFilter,
    Filter,
    FilterSet,
    ModelChoiceFilter,
    MultipleChoiceFilter,
)

from papers import search
from papers.models import Listing, Paper

YEARS = {
    "min_value": 1000,
    "max_value": 9999,
    "error_messages": dict.fromkeys(
        ["invalid", "min_value", "max_value"], "Enter a year of four digits."
    ),
}
BEST, NEW = "best", "new"
SORTS = {
    BEST: "Best match",
    NEW: "Newest here",
    "date": "Publication date",
    "upvotes": "Upvotes elsewhere",
    "discussed": "Comments elsewhere",
}
# Each ends in the key, so that the order is total, and is an index of the model.
ORDERS = {
    NEW: ["-pk"],
    "date": ["-dated_on", "-pk"],
    "upvotes": ["-upvotes", "-pk"],
    "discussed": ["-comment_count", "-pk"],
}


class ListForm(forms.Form):
    """The filters become its fields; what is not a filter is here."""

    sort = forms.ChoiceField(choices=list(SORTS.items()), required=False, label="Sort by")

    def clean(self):
        first, last = self.cleaned_data.get("year_min"), self.cleaned_data.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", f"This is before {first}: no year is in between.")


class WholeNumberFilter(Filter):
    field_class = forms.IntegerField


@dataclass(frozen=True)
class Chip:
    """One active filter, and the address without it."""

    label: str
    query: str


class PaperFilter(FilterSet):
    """OR inside a filter, AND across filters."""

    q = CharFilter(method="matching", label="Search")
    status = MultipleChoiceFilter(choices=Paper.Status.choices, distinct=False)
    topic = MultipleChoiceFilter(method="of_topics", label="Topic")
    year_min = WholeNumberFilter(method="since", label="From year", **YEARS)
    year_max = WholeNumberFilter(method="until", label="To year", **YEARS)
    upvotes_min = WholeNumberFilter(
        "upvotes", "gte", label="Upvotes elsewhere, at least", min_value=0, max_value=10**9
    )
    listing = ModelChoiceFilter(
        queryset=Listing.objects.none(), method="of_listing", label="From listing"
    )

    class Meta:
        model = Paper
        fields = []
        form = ListForm

    def __init__(self, data, *, group):
        given = QueryDict(mutable=True)
        for name, values in data.lists():
            for value in filter(str.strip, values):
                given.appendlist(name, value)
        super().__init__(given, Paper.objects.of(group))
        self.group = group
        self.filters["topic"].extra["choices"] = lambda: self.topics.items()
        self.filters["listing"].queryset = group.listings.all()

    @cached_property
    def topics(self):
        """Names of the group's topics by slug."""
        return dict(self.group.topics.values_list("slug", "name"))

    # The filters.

    def matching(self, papers, name, value):
        return search.matching(papers, self.group, value)

    def of_topics(self, papers, name, slugs):
        tagged = Paper.topics.through.objects.filter(topic__group=self.group, topic__slug__in=slugs)
        return papers.filter(pk__in=tagged.values("paper"))

    def since(self, papers, name, year):
        return papers.filter(dated_on__gte=date(year, 1, 1))

    def until(self, papers, name, year):
        return papers.filter(dated_on__gte=date(1000, 1, 1), dated_on__lte=date(year, 12, 31))

    def of_listing(self, papers, name, listing):
        return papers.filter(pk__in=listing.entries.done().values("paper"))

    # What was chosen. All below needs a valid form, except ``cleaned``.

    def cleaned(self, name):
        """The value of the filter ``name``; None where it is not chosen, or has an error."""
        return self.form.cleaned_data.get(name)

    def papers(self, leaving_out=()):
        """The papers that pass every filter but those named, in no order."""
        papers = self.queryset.order_by()
        for name, one in self.filters.items():
            if name not in leaving_out:
                papers = one.filter(papers, self.cleaned(name))
        return papers

    @property
    def sort(self):
        default = BEST if self.cleaned("q") else NEW
        chosen = self.cleaned("sort") or default
        return default if chosen == BEST else chosen

    @property
    def is_sorted_by_best(self):
        return self.sort == BEST

    @property
    def sorts(self):
        """The sorts on offer, as (value, label); the default has the empty value."""
        if not self.cleaned("q"):
            return [("" if name == NEW else name, SORTS[name]) for name in ORDERS]
        return [("" if name == BEST else name, label) for name, label in SORTS.items()]

    # Its address.

    @cached_property
    def filtering(self):
        """The filters as (name, value) pairs in one order: nothing empty, no defaults."""
        pairs = []
        for name in self.filters:
            value = self.cleaned(name)
            if isinstance(value, list):
                pairs += [(name, one) for one in sorted(value)]
            elif value:
                pairs.append((name, str(getattr(value, "pk", value))))
        return list(dict.fromkeys(pairs))

    @property
    def sorting(self):
        default = BEST if self.cleaned("q") else NEW
        return [] if self.sort == default else [("sort", self.sort)]

    def query(self, *more, without=None, sort=None):
        """The query string of this choice, with ``more`` pairs, ``without`` one, or sorted anew."""
        pairs = [pair for pair in self.filtering if pair != without]
        pairs += [("sort", sort)] if sort else self.sorting
        return "?" + urlencode(pairs + [pair for pair in more if pair[1]])

    def chips(self):
        """The active filters, to be seen and taken away."""
        return [Chip(self._label(*pair), self.query(without=pair)) for pair in self.filtering]

    def _label(self, name, value):
        return {
            "q": lambda: f"“{value}”",
            "status": lambda: Paper.Status(value).label,
            "topic": lambda: self.topics[value],
            "year_min": lambda: f"From {value}",
            "year_max": lambda: f"To {value}",
            "upvotes_min": lambda: f"{value} upvotes or more",
            "listing": lambda: f"From listing {self.cleaned('listing')}",
        }[name]()
