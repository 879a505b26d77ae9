"""What a member chooses to see of a group's papers, and the one address of each choice."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import QueryDict
from django_filters import (
    CharFilter,
    ChoiceFilter,
    Filter,
    FilterSet,
    ModelChoiceFilter,
    MultipleChoiceFilter,
)

from papers import reading, search
from papers.models import Listing, Offer, Paper, Vote

YEARS = {
    "min_value": 1000,
    "max_value": 9999,
    "error_messages": dict.fromkeys(
        ["invalid", "min_value", "max_value"], "Enter a year of four digits."
    ),
}
BEST, NEW, RANKING = "best", "new", "ranking"
SORTS = {
    BEST: "Best match",
    NEW: "Newest here",
    RANKING: "Ranking",
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
# My vote, and the stances that are meant; papers I have not voted on have none.
WANTED, UNVOTED, NOT = "wanted", "unvoted", "not"
MINE = {WANTED: "I want it", UNVOTED: "Not voted", NOT: "Not for me"}
STANCES = {WANTED: Vote.WANTING, NOT: (Vote.Stance.NOT,)}
YES = [("yes", "Yes")]
# What these let through changes with every vote, offer and comment, and is never much.
LIVE = {"wanted_min", "presenter", "unread"}


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


def pairs_of(choice):
    """The filters of a valid FilterSet as (name, value) pairs in one order: nothing empty."""
    pairs = []
    for name in choice.filters:
        value = choice.cleaned(name)
        if isinstance(value, list):
            pairs += [(name, one) for one in sorted(value)]
        elif value:
            pairs.append((name, str(getattr(value, "pk", value))))
    return list(dict.fromkeys(pairs))


class PaperFilter(FilterSet):
    """OR inside a filter, AND across filters."""

    q = CharFilter(method="matching", label="Search")
    status = MultipleChoiceFilter(choices=Paper.Status.choices, distinct=False)
    topic = MultipleChoiceFilter(method="of_topics", label="Topic")
    mine = MultipleChoiceFilter(choices=list(MINE.items()), method="of_mine", label="My vote")
    wanted_min = WholeNumberFilter(
        method="wanted_by", label="Wanted by, at least", min_value=1, max_value=10**6
    )
    presenter = ChoiceFilter(choices=YES, method="presentable", label="Has a presenter")
    unread = ChoiceFilter(choices=YES, method="with_news", label="Unread")
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

    def __init__(self, data, *, group, user):
        given = QueryDict(mutable=True)
        for name, values in data.lists():
            for value in filter(str.strip, values):
                given.appendlist(name, value)
        super().__init__(given, Paper.objects.of(group))
        self.group, self.user = group, user
        self.filters["topic"].extra["choices"] = lambda: self.topics.items()
        self.filters["listing"].queryset = group.listings.all()

    @cached_property
    def topics(self):
        """Names of the group's topics by slug."""
        return dict(self.group.topics.values_list("slug", "name"))

    @cached_property
    def votes(self):
        """My votes: stance by paper id."""
        return dict(Vote.objects.filter(user=self.user).values_list("paper", "stance"))

    # The filters.

    def matching(self, papers, name, value):
        return search.matching(papers, self.group, value)

    def of_topics(self, papers, name, slugs):
        tagged = Paper.topics.through.objects.filter(topic__group=self.group, topic__slug__in=slugs)
        return papers.among(tagged.values("paper"))

    def of_mine(self, papers, name, chosen):
        if UNVOTED not in chosen:
            return papers.among(self.voted(chosen))
        return papers.exclude(pk__in=self.voted(set(MINE) - set(chosen)))

    def voted(self, names):
        """Ids of papers that I have voted on so, a subquery."""
        stances = [stance for name in names for stance in STANCES.get(name, ())]
        return Vote.objects.filter(user=self.user, stance__in=stances).order_by().values("paper")

    def wanted_by(self, papers, name, number):
        votes = Vote.objects.of_members(self.group).wanting().order_by().values("paper")
        enough = votes.annotate(number=Count("pk")).filter(number__gte=number)
        return papers.among(enough.values("paper"))

    def presentable(self, papers, name, yes):
        offers = Offer.objects.of_members(self.group).order_by()
        return papers.among(offers.values("paper"))

    def with_news(self, papers, name, yes):
        news = reading.new_comments(self.user, self.group).order_by()
        return papers.among(news.values("paper"))

    def since(self, papers, name, year):
        return papers.filter(dated_on__gte=date(year, 1, 1))

    def until(self, papers, name, year):
        return papers.filter(dated_on__gte=date(1000, 1, 1), dated_on__lte=date(year, 12, 31))

    def of_listing(self, papers, name, listing):
        return papers.among(listing.entries.done().values("paper"))

    # What was chosen. All below needs a valid form, except ``cleaned``.

    def cleaned(self, name):
        """The value of the filter ``name``; None where it is not chosen, or has an error."""
        return self.form.cleaned_data.get(name)

    def papers(self, leaving_out=(), few=False):
        """The papers that pass every filter but those named, in no order.

        ``few``: the caller lets few of them through.
        """
        few = few or self.is_live
        papers = (Paper.objects.few_of(self.group) if few else self.queryset).order_by()
        for name, one in self.filters.items():
            if name not in leaving_out:
                papers = one.filter(papers, self.cleaned(name))
        if "mine" not in leaving_out and not self.cleaned("mine"):
            papers = self.of_mine(papers, "mine", self.chosen_mine)
        return papers

    @cached_property
    def chosen_mine(self):
        """The values of "my vote" that count: what is not for me has left my lists."""
        lists = [WANTED, UNVOTED] if self.group.is_mine else list(MINE)
        return self.cleaned("mine") or lists

    def is_mine(self, pk):
        """Whether the paper ``pk`` passes "my vote"."""
        stance = self.votes.get(pk)
        name = next((name for name in STANCES if stance in STANCES[name]), UNVOTED)
        return name in self.chosen_mine

    @property
    def is_live(self):
        """Whether there is a filter whose outcome is not worth keeping."""
        return any(self.cleaned(name) for name in LIVE)

    @property
    def sort(self):
        default = BEST if self.cleaned("q") else NEW
        chosen = self.cleaned("sort") or default
        return default if chosen == BEST else chosen

    @property
    def is_sorted_by_best(self):
        return self.sort == BEST

    @property
    def is_sorted_by_ranking(self):
        return self.sort == RANKING

    @property
    def sorts(self):
        """The sorts on offer, as (value, label); the default has the empty value."""
        if not self.cleaned("q"):
            return [("" if name == NEW else name, SORTS[name]) for name in SORTS if name != BEST]
        return [("" if name == BEST else name, label) for name, label in SORTS.items()]

    # Its address.

    @cached_property
    def filtering(self):
        """The filters as (name, value) pairs in one order: nothing empty, no defaults."""
        return pairs_of(self)

    @property
    def of_all(self):
        """The filters that are the same for each member, as pairs."""
        return [pair for pair in self.filtering if pair[0] != "mine"]

    @property
    def of_me(self):
        """What the counts hang on besides: what I chose of my votes, and all of these."""
        return [*sorted(self.chosen_mine), *sorted(self.votes.items())]

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
            "mine": lambda: f"My vote: {MINE[value].lower()}",
            "wanted_min": lambda: f"Wanted by {value} or more",
            "presenter": lambda: "Has a presenter",
            "unread": lambda: "Unread",
            "year_min": lambda: f"From {value}",
            "year_max": lambda: f"To {value}",
            "upvotes_min": lambda: f"{value} upvotes or more",
            "listing": lambda: f"From listing {self.cleaned('listing')}",
        }[name]()
