"""The filters and orders of the list of papers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from django import forms
from django.db.models import Count
from django_filters import (
    CharFilter,
    ChoiceFilter,
    ModelChoiceFilter,
    MultipleChoiceFilter,
)

from papers.library import search, unread
from papers.library.group_filter import YEAR_LIMITS, Chip, GroupFilter, WholeNumberFilter
from papers.models import Listing, Offer, Paper, Vote

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from papers.models import Group, User
    from papers.models.papers import PaperQuerySet

SORT_BEST, SORT_NEW, SORT_RANKING = "best", "new", "ranking"
SORT_LABELS = {
    SORT_BEST: "Best match",
    SORT_NEW: "Newest here",
    SORT_RANKING: "Ranking",
    "date": "Publication date",
    "upvotes": "Upvotes on Hugging Face",
    "discussed": "Comments on Hugging Face",
}
# Each order ends with the key, so that it is total, and has an index in the model.
SORT_ORDERS = {
    SORT_NEW: ["-pk"],
    "date": ["-dated_on", "-pk"],
    "upvotes": ["-upvotes", "-pk"],
    "discussed": ["-comment_count", "-pk"],
}
# In a URL, the status of all papers. If no filter is set, the open papers are listed, by ranking.
ALL_STATUSES = "all"
DEFAULT_FILTERS = [("status", str(Paper.Status.OPEN))]
# The choices of "my vote", and the stances they stand for; an unvoted paper has no stance.
WANTED, UNVOTED, NOT_FOR_ME = "wanted", "unvoted", "not"
MY_VOTE_LABELS = {WANTED: "I want it", UNVOTED: "Not voted", NOT_FOR_ME: "Not for me"}
STANCES: dict[str, tuple[str, ...]] = {WANTED: Vote.WANTING, NOT_FOR_ME: (Vote.Stance.NOT,)}
YES_CHOICE = [("yes", "Yes")]
# Few papers pass these filters, and every vote, offer or comment changes which.
LIVE_FILTERS = {"wanted_min", "presenter", "unread"}


class ListForm(forms.Form):
    """The form of `PaperFilter`: a field for each filter, and the order."""

    sort = forms.ChoiceField(choices=list(SORT_LABELS.items()), required=False, label="Sort by")

    def clean(self) -> None:
        first, last = self.cleaned_data.get("year_min"), self.cleaned_data.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", f"Choose a year from {first} on.")


class PaperFilter(GroupFilter):
    """The papers that pass every filter; the values within one filter are alternatives.

    If no filter is set, these are the open papers. As soon as one is set, papers of all statuses
    are found unless ``status`` is set, too. ``status=all`` sets no filter.
    """

    q = CharFilter(method="filter_by_text", label="Search")
    status = MultipleChoiceFilter(choices=Paper.Status.choices, distinct=False)
    topic = MultipleChoiceFilter(method="filter_by_topic", label="Topic")
    mine = MultipleChoiceFilter(
        choices=list(MY_VOTE_LABELS.items()), method="filter_by_my_vote", label="My vote"
    )
    wanted_min = WholeNumberFilter(
        method="filter_by_wanted", label="Wanted by, at least", min_value=1, max_value=10**6
    )
    presenter = ChoiceFilter(
        choices=YES_CHOICE, method="filter_by_presenter", label="Has a presenter"
    )
    unread = ChoiceFilter(choices=YES_CHOICE, method="filter_by_unread", label="Unread")
    year_min = WholeNumberFilter(method="filter_from_year", label="From year", **YEAR_LIMITS)
    year_max = WholeNumberFilter(method="filter_to_year", label="To year", **YEAR_LIMITS)
    upvotes_min = WholeNumberFilter(
        "upvotes", "gte", label="Upvotes on Hugging Face, at least", min_value=0, max_value=10**9
    )
    listing = ModelChoiceFilter(
        queryset=Listing.objects.none(), method="filter_by_listing", label="From listing"
    )

    class Meta:
        model = Paper
        fields: list[str] = []
        form = ListForm

    def __init__(self, data: QueryDict, *, group: Group, user: User) -> None:
        super().__init__(data, Paper.objects.in_group(group), group=group)
        self.user = user
        self.filters["listing"].queryset = group.listings.all()

    def with_defaults(self, data: QueryDict) -> QueryDict:
        statuses = data.getlist("status")
        if not any(name in data for name in self.base_filters):
            data["status"] = Paper.Status.OPEN
        elif ALL_STATUSES in statuses:
            data.setlist("status", [one for one in statuses if one != ALL_STATUSES])
        return data

    @cached_property
    def my_votes(self) -> dict[int, str]:
        """The user's votes: paper id -> stance."""
        return dict(Vote.objects.filter(user=self.user).values_list("paper", "stance"))

    # The filters.

    def filter_by_text(
        self, papers: PaperQuerySet[Paper], name: str, value: str
    ) -> PaperQuerySet[Paper]:
        return search.matching_papers(papers, self.group, value)

    def filter_by_topic(
        self, papers: PaperQuerySet[Paper], name: str, slugs: Collection[str]
    ) -> PaperQuerySet[Paper]:
        tagged = Paper.topics.through.objects.filter(topic__group=self.group, topic__slug__in=slugs)
        return papers.among(tagged.values("paper"))

    def filter_by_my_vote(
        self, papers: PaperQuerySet[Paper], name: str, chosen: Collection[str]
    ) -> PaperQuerySet[Paper]:
        if UNVOTED not in chosen:
            return papers.among(self.voted_paper_ids(chosen))
        return papers.exclude(pk__in=self.voted_paper_ids(set(MY_VOTE_LABELS) - set(chosen)))

    def voted_paper_ids(self, names: Iterable[str]) -> QuerySet[Vote, Mapping[str, object]]:
        """A subquery of the ids of papers the user has voted on as ``names``, keys of `STANCES`."""
        stances = [stance for name in names for stance in STANCES.get(name, ())]
        return Vote.objects.filter(user=self.user, stance__in=stances).order_by().values("paper")

    def filter_by_wanted(
        self, papers: PaperQuerySet[Paper], name: str, number: int
    ) -> PaperQuerySet[Paper]:
        votes = Vote.objects.of_members(self.group).wanting().order_by().values("paper")
        enough = votes.annotate(number=Count("pk")).filter(number__gte=number)
        return papers.among(enough.values("paper"))

    def filter_by_presenter(
        self, papers: PaperQuerySet[Paper], name: str, yes: str
    ) -> PaperQuerySet[Paper]:
        offers = Offer.objects.of_members(self.group).order_by()
        return papers.among(offers.values("paper"))

    def filter_by_unread(
        self, papers: PaperQuerySet[Paper], name: str, yes: str
    ) -> PaperQuerySet[Paper]:
        news = unread.new_comments(self.user, self.group).order_by()
        return papers.among(news.values("paper"))

    def filter_from_year(
        self, papers: PaperQuerySet[Paper], name: str, year: int
    ) -> PaperQuerySet[Paper]:
        return papers.filter(dated_on__gte=date(year, 1, 1))

    def filter_to_year(
        self, papers: PaperQuerySet[Paper], name: str, year: int
    ) -> PaperQuerySet[Paper]:
        return papers.filter(dated_on__gte=date(1000, 1, 1), dated_on__lte=date(year, 12, 31))

    def filter_by_listing(
        self, papers: PaperQuerySet[Paper], name: str, listing: Listing
    ) -> PaperQuerySet[Paper]:
        return papers.among(listing.entries.applied_to_papers().values("paper"))

    # Results. All below needs a valid form.

    def filtered_papers(
        self, leaving_out: Collection[str] = (), few: bool = False
    ) -> PaperQuerySet[Paper]:
        """The papers, unordered, that pass every filter except those named in ``leaving_out``.

        ``few``: the caller adds a condition that few papers meet.
        """
        few = few or self.is_live
        papers = (Paper.objects.few_in_group(self.group) if few else self.queryset).order_by()
        for name, row_filter in self.filters.items():
            if name not in leaving_out:
                papers = row_filter.filter(papers, self.cleaned_value(name))
        if "mine" not in leaving_out and not self.cleaned_value("mine"):
            papers = self.filter_by_my_vote(papers, "mine", self.my_vote_choices)
        return papers

    @cached_property
    def my_vote_choices(self) -> list[str]:
        """The values of "my vote" that apply; by default a member's "not for me" is left out."""
        default = [WANTED, UNVOTED] if self.group.viewer.is_member else list(MY_VOTE_LABELS)
        return self.cleaned_value("mine") or default

    def has_chosen_vote(self, pk: int) -> bool:
        """Whether the paper ``pk`` passes "my vote"."""
        stance = self.my_votes.get(pk)
        name = next((name for name in STANCES if stance in STANCES[name]), UNVOTED)
        return name in self.my_vote_choices

    @property
    def is_live(self) -> bool:
        """Whether a filter is set whose results are not worth caching."""
        return any(self.cleaned_value(name) for name in LIVE_FILTERS)

    @property
    def sort(self) -> str:
        """The order that applies, a key of `SORT_LABELS`."""
        chosen = self.cleaned_value("sort") or self.default_sort
        return self.default_sort if chosen == SORT_BEST else chosen

    @property
    def default_sort(self) -> str:
        """The order if none is chosen: best match, open papers by ranking, others newest first."""
        if self.cleaned_value("q"):
            return SORT_BEST
        is_open = self.cleaned_value("status") == [Paper.Status.OPEN]
        return SORT_RANKING if is_open else SORT_NEW

    @property
    def is_sorted_by_best(self) -> bool:
        return self.sort == SORT_BEST

    @property
    def is_sorted_by_ranking(self) -> bool:
        return self.sort == SORT_RANKING

    @property
    def sort_options(self) -> list[tuple[str, str, bool]]:
        """The orders to choose from: (value, label, is selected); the default has the value ""."""
        return [
            ("" if name == self.default_sort else name, label, name == self.sort)
            for name, label in SORT_LABELS.items()
            if name != SORT_BEST or self.cleaned_value("q")
        ]

    @property
    def other_filters(self) -> list[tuple[str, str]]:
        """The active filters except that of the status."""
        return [pair for pair in self.active_filters if pair[0] != "status"]

    # The URL, and the keys of the cache.

    @property
    def shared_filters(self) -> list[tuple[str, str]]:
        """The active filters whose results are the same for every member, as pairs."""
        return [pair for pair in self.active_filters if pair[0] != "mine"]

    @property
    def my_votes_key(self) -> list[object]:
        """The other facts that the counts depend on: the choices of "my vote", and all votes."""
        return [*sorted(self.my_vote_choices), *sorted(self.my_votes.items())]

    @property
    def sort_pairs(self) -> list[tuple[str, str]]:
        return [] if self.sort == self.default_sort else [("sort", self.sort)]

    def url_pairs(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if not pairs:
            return [("status", ALL_STATUSES)]
        return [] if pairs == DEFAULT_FILTERS else pairs

    def chips(self) -> list[Chip]:
        """The active filters, each with a link to remove it; a single status is a tab instead."""
        statuses = self.cleaned_value("status") or []
        pairs = self.active_filters if len(statuses) > 1 else self.other_filters
        return [Chip(self.chip_label(*pair), self.query_string(without=pair)) for pair in pairs]

    def chip_label(self, name: str, value: str) -> str:
        labels: dict[str, Callable[[], str]] = {
            "q": lambda: f"“{value}”",
            "status": lambda: str(Paper.Status(value).label),
            "topic": lambda: self.topic_names[value],
            "mine": lambda: f"My vote: {MY_VOTE_LABELS[value].lower()}",
            "wanted_min": lambda: f"Wanted by {value} or more",
            "presenter": lambda: "Has a presenter",
            "unread": lambda: "Unread",
            "year_min": lambda: f"From {value}",
            "year_max": lambda: f"To {value}",
            "upvotes_min": lambda: f"{value} upvotes or more on Hugging Face",
            "listing": lambda: f"From listing {self.cleaned_value('listing')}",
        }
        return labels[name]()
