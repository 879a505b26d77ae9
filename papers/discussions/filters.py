"""What a member chooses to see of a group's meetings, and the one address of each choice."""

from datetime import date, time
from functools import cached_property

from django.db.models import F, Q
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, MultipleChoiceFilter

from papers.discussions import times
from papers.library.group_filter import YEAR_LIMITS, GroupFilter, WholeNumberFilter
from papers.models import AgendaItem, Discussion, Paper, User

LONGEST_SEARCH = 200  # characters
LAST_YEAR = YEAR_LIMITS["max_value"]
UPCOMING, POLLING, PAST, CANCELLED = "upcoming", "polling", "past", "cancelled"
STATE_LABELS = {UPCOMING: "To come", POLLING: "Date poll", PAST: "Past", CANCELLED: "Called off"}


class DiscussionFilter(GroupFilter):
    """OR inside a filter, AND across filters. Without any: the archive, of what was held.

    What was called off is there only where ``state`` asks for it.
    """

    q = CharFilter(method="filter_by_text", label="Search", max_length=LONGEST_SEARCH)
    state = MultipleChoiceFilter(
        choices=list(STATE_LABELS.items()), method="filter_by_state", label="State"
    )
    verdict = MultipleChoiceFilter(
        choices=AgendaItem.Verdict.choices, method="filter_by_verdict", label="Verdict"
    )
    topic = MultipleChoiceFilter(method="filter_by_topic", label="Topic")
    presenter = ChoiceFilter(method="filter_by_presenter", label="Presenter")
    year = WholeNumberFilter(method="filter_by_year", label="Year", **YEAR_LIMITS)

    class Meta:
        model = Discussion
        fields = []

    def __init__(self, data, *, group):
        super().__init__(data, Discussion.objects.in_group(group), group=group)
        self.zone, self.now = times.group_zone(group), timezone.now()
        self.items = AgendaItem.objects.filter(discussion__group=group).order_by()
        self.filters["presenter"].extra["choices"] = lambda: self.presenter_names.items()

    # What there is to choose from.

    @cached_property
    def presenter_names(self):
        """Names by handle of those who present here, or did.

        Who was asked counts until the meeting was held or called off, who said yes for good.
        """
        people = User.objects.filter(pk__in=self._presented_items().values("presenter"))
        return {one.username: str(one) for one in sorted(people, key=lambda one: str(one).lower())}

    @cached_property
    def used_topic_slugs(self):
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

    def filter_by_text(self, meetings, name, value):
        """Each word is somewhere: in the titles, in what came of the papers, in notes or place."""
        for word in dict.fromkeys(value.split()):
            items = self.items.filter(
                _contains_word(word, "paper__title", "takeaways", "open_questions")
            )
            here = _contains_word(word, "notes", "place")
            meetings = meetings.filter(here | Q(pk__in=items.values("discussion")))
        return meetings

    def filter_by_state(self, meetings, name, chosen):
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

    def filter_by_verdict(self, meetings, name, verdicts):
        items = self.items.filter(verdict__in=verdicts)
        return meetings.filter(pk__in=items.values("discussion"))

    def filter_by_topic(self, meetings, name, slugs):
        tagged = Paper.topics.through.objects.filter(topic__group=self.group, topic__slug__in=slugs)
        items = self.items.filter(paper__in=tagged.values("paper"))
        return meetings.filter(pk__in=items.values("discussion"))

    def filter_by_presenter(self, meetings, name, handle):
        items = self._presented_items().filter(presenter__username=handle)
        return meetings.filter(pk__in=items.values("discussion"))

    def _presented_items(self):
        to_come = [Discussion.State.POLLING, Discussion.State.SCHEDULED]
        counts = Q(is_confirmed=True) | Q(discussion__state__in=to_come)
        return self.items.filter(counts, presenter__isnull=False)

    def filter_by_year(self, meetings, name, year):
        meetings = meetings.filter(starts_at__gte=self._new_year(year))
        if year == LAST_YEAR:  # no calendar goes on
            return meetings
        return meetings.filter(starts_at__lt=self._new_year(year + 1))

    def _new_year(self, year):
        return times.local_moment(date(year, 1, 1), time(), self.zone)

    # What was chosen. All below needs a valid form.

    def listed_discussions(self):
        """What passes every filter, the newest first; what is only to come, the next first."""
        if not self.active_filters:
            return self.held_discussions()
        found = self._filtered_discussions()
        if self.cleaned_value("state") == [UPCOMING]:
            return found.order_by("starts_at", "pk")
        return found.order_by(F("starts_at").desc(nulls_first=True), "-pk")

    def held_discussions(self):
        """Of what passes every filter that which was held, the newest first: the archive."""
        return (
            self._filtered_discussions()
            .filter(state=Discussion.State.HELD)
            .order_by("-starts_at", "-pk")
        )

    def _filtered_discussions(self):
        found = self.queryset
        if not self.cleaned_value("state"):
            found = self.filter_by_state(found, "state", [UPCOMING, POLLING, PAST])
        for name, one in self.filters.items():
            found = one.filter(found, self.cleaned_value(name))
        return found

    def chip_label(self, name, value):
        return {
            "q": lambda: f"“{value}”",
            "state": lambda: STATE_LABELS[value],
            "verdict": lambda: f"Verdict: {AgendaItem.Verdict(value).label.lower()}",
            "topic": lambda: self.topic_names[value],
            "presenter": lambda: f"Presented by {self.presenter_names[value]}",
            "year": lambda: value,
        }[name]()


def _contains_word(word, *fields):
    """Any of ``fields`` has ``word``, in capitals or not.

    SQLite knows only ASCII letters as the same in capitals: others are tried in each way.
    """
    ways = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    found = Q()
    for field in fields:
        for way in ways:
            found |= Q(**{f"{field}__icontains": way})
    return found
