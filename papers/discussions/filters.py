"""The filters of the list of discussions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, MultipleChoiceFilter

from papers.discussions import times
from papers.library.group_filter import YEAR_LIMITS, GroupFilter, WholeNumberFilter
from papers.models import AgendaItem, Discussion, Paper, User

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from papers.models import Group
    from papers.models.discussions import DiscussionQuerySet

LONGEST_SEARCH = 200  # characters
LAST_YEAR = YEAR_LIMITS["max_value"]
UPCOMING, POLLING, PAST, CANCELLED = "upcoming", "polling", "past", "cancelled"
STATE_LABELS = {UPCOMING: "Upcoming", POLLING: "Date poll", PAST: "Past", CANCELLED: "Cancelled"}


class DiscussionFilter(GroupFilter):
    """The discussions that pass every filter; the values within one filter are alternatives.

    Without filters they are the archive: the discussions that were held. Those cancelled pass only
    if ``state`` asks for them.
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
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, group: Group) -> None:
        super().__init__(data, Discussion.objects.in_group(group), group=group)
        self.zone, self.now = times.group_zone(group), timezone.now()
        self.items = AgendaItem.objects.filter(discussion__group=group).order_by()
        self.filters["presenter"].extra["choices"] = lambda: self.presenter_names.items()

    # Choices.

    @cached_property
    def presenter_names(self) -> dict[str, str]:
        """The names of presenters by handle, sorted by name.

        These are the users who confirmed, and those who are asked for a meeting to come.
        """
        people = User.objects.filter(pk__in=self._presented_items().values("presenter"))
        return {one.username: str(one) for one in sorted(people, key=lambda one: str(one).lower())}

    @cached_property
    def used_topic_slugs(self) -> set[str]:
        """The slugs of topics of papers that are or were on an agenda."""
        tagged = Paper.topics.through.objects.filter(topic__group=self.group)
        tagged = tagged.filter(paper__in=self.items.values("paper"))
        return set(tagged.values_list("topic__slug", flat=True))

    @cached_property
    def years(self) -> list[int]:
        """The years in which discussions begin, in the group's time zone, the latest first."""
        moments = self.queryset.exclude(starts_at=None).order_by()
        starts = moments.values_list("starts_at", flat=True)
        years = {one.astimezone(self.zone).year for one in starts}
        return sorted(years, reverse=True)

    # The filters.

    def filter_by_text(
        self, discussions: DiscussionQuerySet, name: str, value: str
    ) -> DiscussionQuerySet:
        """Those with each word of ``value`` in a title, in an outcome, or in the notes or place."""
        for word in dict.fromkeys(value.split()):
            items = self.items.filter(
                _contains_word(word, "paper__title", "takeaways", "open_questions")
            )
            here = _contains_word(word, "notes", "place")
            discussions = discussions.filter(here | Q(pk__in=items.values("discussion")))
        return discussions

    def filter_by_state(
        self, discussions: DiscussionQuerySet, name: str, chosen: Collection[str]
    ) -> DiscussionQuerySet:
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
        return discussions.filter(found)

    def filter_by_verdict(
        self, discussions: DiscussionQuerySet, name: str, verdicts: Collection[str]
    ) -> DiscussionQuerySet:
        items = self.items.filter(verdict__in=verdicts)
        return discussions.filter(pk__in=items.values("discussion"))

    def filter_by_topic(
        self, discussions: DiscussionQuerySet, name: str, slugs: Collection[str]
    ) -> DiscussionQuerySet:
        tagged = Paper.topics.through.objects.filter(topic__group=self.group, topic__slug__in=slugs)
        items = self.items.filter(paper__in=tagged.values("paper"))
        return discussions.filter(pk__in=items.values("discussion"))

    def filter_by_presenter(
        self, discussions: DiscussionQuerySet, name: str, handle: str
    ) -> DiscussionQuerySet:
        items = self._presented_items().filter(presenter__username=handle)
        return discussions.filter(pk__in=items.values("discussion"))

    def _presented_items(self) -> QuerySet[AgendaItem]:
        to_come = [Discussion.State.POLLING, Discussion.State.SCHEDULED]
        counts = Q(is_confirmed=True) | Q(discussion__state__in=to_come)
        return self.items.filter(counts, presenter__isnull=False)

    def filter_by_year(
        self, discussions: DiscussionQuerySet, name: str, year: int
    ) -> DiscussionQuerySet:
        discussions = discussions.filter(starts_at__gte=self._new_year(year))
        if year == LAST_YEAR:  # datetime knows no later one
            return discussions
        return discussions.filter(starts_at__lt=self._new_year(year + 1))

    def _new_year(self, year: int) -> datetime:
        return times.local_moment(date(year, 1, 1), time(), self.zone)

    # Results. These need a valid form.

    def listed_discussions(self) -> DiscussionQuerySet:
        """Those that pass, the latest first; the next first if only those to come are chosen."""
        if not self.active_filters:
            return self.held_discussions()
        found = self._filtered_discussions()
        if self.cleaned_value("state") == [UPCOMING]:
            return found.order_by("starts_at", "pk")
        return found.order_by(F("starts_at").desc(nulls_first=True), "-pk")

    def held_discussions(self) -> DiscussionQuerySet:
        """Those that pass and were held, the latest first: the archive."""
        return (
            self._filtered_discussions()
            .filter(state=Discussion.State.HELD)
            .order_by("-starts_at", "-pk")
        )

    def _filtered_discussions(self) -> DiscussionQuerySet:
        found = self.queryset
        if not self.cleaned_value("state"):
            found = self.filter_by_state(found, "state", [UPCOMING, POLLING, PAST])
        for name, one in self.filters.items():
            found = one.filter(found, self.cleaned_value(name))
        return found

    def chip_label(self, name: str, value: str) -> str:
        labels: dict[str, Callable[[], str]] = {
            "q": lambda: f"“{value}”",
            "state": lambda: STATE_LABELS[value],
            "verdict": lambda: f"Verdict: {AgendaItem.Verdict(value).label.lower()}",
            "topic": lambda: self.topic_names[value],
            "presenter": lambda: f"Presented by {self.presenter_names[value]}",
            "year": lambda: value,
        }
        return labels[name]()


def _contains_word(word: str, *fields: str) -> Q:
    """The condition that one of ``fields`` contains ``word``, whatever its case and accents."""
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__folded_contains": word})
    return found
