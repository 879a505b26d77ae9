"""What a member chooses to see of a group's meetings, and the one address of each choice."""

from datetime import date, time
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter

from papers import times
from papers.filters import YEARS, Chip, WholeNumberFilter, pairs_of
from papers.models import AgendaItem, Discussion, Paper, User

LONGEST_SEARCH = 200  # characters
LAST_YEAR = YEARS["max_value"]
UPCOMING, POLLING, PAST, CANCELLED = "upcoming", "polling", "past", "cancelled"
STATES = {UPCOMING: "To come", POLLING: "Date poll", PAST: "Past", CANCELLED: "Called off"}


class DiscussionFilter(FilterSet):
    """OR inside a filter, AND across filters. Without any: the archive, of what was held.

    What was called off is there only where ``state`` asks for it.
    """

    q = CharFilter(method="matching", label="Search", max_length=LONGEST_SEARCH)
    state = MultipleChoiceFilter(choices=list(STATES.items()), method="in_state", label="State")
    verdict = MultipleChoiceFilter(
        choices=AgendaItem.Verdict.choices, method="judged", label="Verdict"
    )
    topic = MultipleChoiceFilter(method="of_topics", label="Topic")
    presenter = ChoiceFilter(method="presented_by", label="Presenter")
    year = WholeNumberFilter(method="in_year", label="Year", **YEARS)

    class Meta:
        model = Discussion
        fields = []

    def __init__(self, data, *, group):
        given = QueryDict(mutable=True)
        for name, values in data.lists():
            for value in filter(str.strip, values):
                given.appendlist(name, value)
        super().__init__(given, Discussion.objects.of(group))
        self.group, self.zone, self.now = group, times.zone_of(group), timezone.now()
        self.items = AgendaItem.objects.filter(discussion__group=group).order_by()
        self.filters["topic"].extra["choices"] = lambda: self.topics.items()
        self.filters["presenter"].extra["choices"] = lambda: self.presenters.items()

    # What there is to choose from.

    @cached_property
    def topics(self):
        """Names of the group's topics by slug."""
        return dict(self.group.topics.values_list("slug", "name"))

    @cached_property
    def presenters(self):
        """Names by handle of those who present here, or did.

        Who was asked counts until the meeting was held or called off, who said yes for good.
        """
        people = User.objects.filter(pk__in=self._presented().values("presenter"))
        return {one.username: str(one) for one in sorted(people, key=lambda one: str(one).lower())}

    @cached_property
    def used_topics(self):
        """Slugs of topics that papers on agendas have."""
        tagged = Paper.topics.through.objects.filter(topic__group=self.group)
        tagged = tagged.filter(paper__in=self.items.values("paper"))
        return set(tagged.values_list("topic__slug", flat=True))

    @cached_property
    def years(self):
        """The years, by the group's clock, in which meetings begin; the newest first."""
        moments = self.queryset.exclude(starts_at=None).order_by()
        years = {
            one.astimezone(self.zone).year for one in moments.values_list("starts_at", flat=True)
        }
        return sorted(years, reverse=True)

    # The filters.

    def matching(self, meetings, name, value):
        """Each word is somewhere: in the titles, in what came of the papers, in notes or place."""
        for word in dict.fromkeys(value.split()):
            items = self.items.filter(_has(word, "paper__title", "takeaways", "open_questions"))
            here = _has(word, "notes", "place")
            meetings = meetings.filter(here | Q(pk__in=items.values("discussion")))
        return meetings

    def in_state(self, meetings, name, chosen):
        State = Discussion.State
        meant = {
            UPCOMING: Q(state=State.SCHEDULED, ends_at__gt=self.now),
            POLLING: Q(state=State.POLLING),
            PAST: Q(state=State.HELD) | Q(state=State.SCHEDULED, ends_at__lte=self.now),
            CANCELLED: Q(state=State.CANCELLED),
        }
        found = Q()
        for one in chosen:
            found |= meant[one]
        return meetings.filter(found)

    def judged(self, meetings, name, verdicts):
        items = self.items.filter(verdict__in=verdicts)
        return meetings.filter(pk__in=items.values("discussion"))

    def of_topics(self, meetings, name, slugs):
        tagged = Paper.topics.through.objects.filter(topic__group=self.group, topic__slug__in=slugs)
        items = self.items.filter(paper__in=tagged.values("paper"))
        return meetings.filter(pk__in=items.values("discussion"))

    def presented_by(self, meetings, name, handle):
        items = self._presented().filter(presenter__username=handle)
        return meetings.filter(pk__in=items.values("discussion"))

    def _presented(self):
        to_come = [Discussion.State.POLLING, Discussion.State.SCHEDULED]
        counts = Q(is_confirmed=True) | Q(discussion__state__in=to_come)
        return self.items.filter(counts, presenter__isnull=False)

    def in_year(self, meetings, name, year):
        meetings = meetings.filter(starts_at__gte=self._new_year(year))
        if year == LAST_YEAR:  # no calendar goes on
            return meetings
        return meetings.filter(starts_at__lt=self._new_year(year + 1))

    def _new_year(self, year):
        return times.local(date(year, 1, 1), time(), self.zone)

    # What was chosen. All below needs a valid form.

    def cleaned(self, name):
        """The value of the filter ``name``; None where it is not chosen, or has an error."""
        return self.form.cleaned_data.get(name)

    def discussions(self):
        """What passes every filter, the newest first; what is only to come, the next first."""
        if not self.filtering:
            return self.held()
        found = self._passing()
        if self.cleaned("state") == [UPCOMING]:
            return found.order_by("starts_at", "pk")
        return found.order_by(F("starts_at").desc(nulls_first=True), "-pk")

    def held(self):
        """Of what passes every filter that which was held, the newest first: the archive."""
        return self._passing().filter(state=Discussion.State.HELD).order_by("-starts_at", "-pk")

    def _passing(self):
        found = self.queryset
        if not self.cleaned("state"):
            found = self.in_state(found, "state", [UPCOMING, POLLING, PAST])
        for name, one in self.filters.items():
            found = one.filter(found, self.cleaned(name))
        return found

    # Its address.

    @cached_property
    def filtering(self):
        """The filters as (name, value) pairs in one order: nothing empty."""
        return pairs_of(self)

    def query(self, *more, without=None):
        """The query string of this choice, with ``more`` pairs, or ``without`` one of its own."""
        pairs = [pair for pair in self.filtering if pair != without]
        return "?" + urlencode(pairs + [pair for pair in more if pair[1]])

    def chips(self):
        """The active filters, to be seen and taken away."""
        return [Chip(self._label(*pair), self.query(without=pair)) for pair in self.filtering]

    def _label(self, name, value):
        return {
            "q": lambda: f"“{value}”",
            "state": lambda: STATES[value],
            "verdict": lambda: f"Verdict: {AgendaItem.Verdict(value).label.lower()}",
            "topic": lambda: self.topics[value],
            "presenter": lambda: f"Presented by {self.presenters[value]}",
            "year": lambda: value,
        }[name]()


def _has(word, *fields):
    """Any of ``fields`` has ``word``, in capitals or not.

    SQLite knows only ASCII letters as the same in capitals: others are tried in each way.
    """
    ways = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    found = Q()
    for field in fields:
        for way in ways:
            found |= Q(**{f"{field}__icontains": way})
    return found
