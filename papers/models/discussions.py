"""Discussions: their dates, agendas, answers and outcomes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from papers.models.groups import Group
from papers.models.papers import Paper
from papers.models.people import former_member

if TYPE_CHECKING:
    from datetime import datetime

    from papers.models.people import User

MAX_NOTES_LENGTH = 50_000  # characters


class DiscussionQuerySet(models.QuerySet["Discussion"]):
    def in_group(self, group: Group) -> Self:
        return self.filter(group=group)

    def upcoming(self, at: datetime) -> Self:
        """The scheduled discussions that are not over at ``at``, the next one first."""
        scheduled = self.filter(state=Discussion.State.SCHEDULED, ends_at__gt=at)
        return scheduled.order_by("starts_at", "pk")

    def polling(self) -> Self:
        """The discussions with an open date poll, oldest first."""
        return self.filter(state=Discussion.State.POLLING).order_by("pk")

    def unfinished(self, at: datetime) -> Self:
        """The scheduled discussions that are over at ``at``, but not marked as held."""
        return self.filter(state=Discussion.State.SCHEDULED, ends_at__lte=at).order_by("starts_at")

    def with_agenda(self) -> Self:
        """Prefetch agendas, papers and presenters: the number of queries is constant."""
        return self.prefetch_related(_agenda_prefetch())


class Discussion(models.Model):
    """A meeting of a group, or a written discussion, which has no hour and closes on a day.

    A written discussion starts when it is created and ends with its last day, in the group's zone.
    """

    class State(models.TextChoices):
        POLLING = "polling", "Date poll"
        SCHEDULED = "scheduled"
        HELD = "held"
        CANCELLED = "cancelled"

    group = models.ForeignKey(Group, models.PROTECT, related_name="discussions", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    is_written = models.BooleanField("in writing, without an hour", default=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField(
        "video link", max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )
    seats = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="When all seats are taken, people join a waiting list. Empty: no limit.",
    )
    # Of a date poll: the deadline for answers, and the number of yes answers at which the best date
    # is then chosen automatically.
    answer_by = models.DateTimeField(null=True, blank=True)
    quorum = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # The date that a reopened poll had: calendars show it as cancelled until another is chosen.
    withdrawn_starts_at = models.DateTimeField(null=True, editable=False)
    withdrawn_ends_at = models.DateTimeField(null=True, editable=False)
    # It was entered after it had taken place: nobody is mailed about it, unless an organiser asks.
    recorded_afterwards = models.BooleanField(default=False, editable=False)
    # Its id in calendars, and how often what they show of it has changed, also in other rows: the
    # title of a paper, say. `services/publishing.py` raises it; it never goes back.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # The number of acts on it: detects that somebody else has changed it meanwhile.
    version = models.PositiveIntegerField(default=0, editable=False)
    reads_together = models.BooleanField("the group reads together first", default=False)
    # Shared notes. The version detects that somebody else has saved meanwhile.
    notes = models.TextField(max_length=MAX_NOTES_LENGTH, blank=True)
    notes_version = models.PositiveIntegerField(default=0, editable=False)
    recording = models.URLField(
        max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # When what everybody reads of it last changed; and when what a calendar shows did, which may
    # be one member's own: that they cannot come. Neither ever goes back.
    changed_at = models.DateTimeField(auto_now_add=True)
    calendar_changed_at = models.DateTimeField(auto_now_add=True)

    objects = DiscussionQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["group", "state", "-starts_at"], name="discussion_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["polling", "scheduled", "held", "cancelled"]),
                name="discussion_state",
            ),
            models.CheckConstraint(
                condition=Q(state="polling", starts_at=None, is_written=False)
                | Q(state="cancelled")
                | Q(state__in=["scheduled", "held"], starts_at__isnull=False),
                name="discussion_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
                name="discussion_ends_after_it_starts",
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_starts_at=None, withdrawn_ends_at=None)
                | Q(withdrawn_starts_at__isnull=False, withdrawn_ends_at__isnull=False)
                & Q(withdrawn_ends_at__gt=F("withdrawn_starts_at"), starts_at=None),
                name="discussion_withdrawn_date",
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__gte=1), name="discussion_seats"
            ),
        ]

    def __str__(self) -> str:
        """The titles on its agenda, shortened. One query, unless fetched `with_agenda`."""
        titles = [item.paper.title for item in self.agenda.all()]
        if not titles:
            return "Discussion" if self.is_written else "Meeting"
        return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"

    def get_absolute_url(self) -> str:
        return reverse("discussion", args=[self.group.slug, self.pk])

    def fetch_agenda(self) -> list[AgendaItem]:
        """The items of the agenda, prefetched as by `with_agenda`: no query the next time."""
        models.prefetch_related_objects([self], _agenda_prefetch())
        return list(self.agenda.all())

    @property
    def calendar_span(self) -> tuple[datetime, datetime] | None:
        """The start and end that calendars show: of its date, or of the one withdrawn; or None."""
        first, last = self.starts_at, self.ends_at
        first, last = first or self.withdrawn_starts_at, last or self.withdrawn_ends_at
        return (first, last) if first and last else None

    @property
    def is_polling(self) -> bool:
        return self.state == self.State.POLLING

    @property
    def is_scheduled(self) -> bool:
        return self.state == self.State.SCHEDULED

    @property
    def is_held(self) -> bool:
        return self.state == self.State.HELD

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED


def _agenda_prefetch() -> models.Prefetch:
    items = AgendaItem.objects.select_related("paper", "presenter", "swap_for__paper")
    return models.Prefetch("agenda", items)


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def of_meetings_to_come(self, group: Group, at: datetime) -> Self:
        """Items on agendas of ``group`` that can still change: of polls and until the end."""
        states = [Discussion.State.POLLING, Discussion.State.SCHEDULED]
        items = self.filter(discussion__group=group, discussion__state__in=states)
        return items.exclude(discussion__ends_at__lte=at)

    def awaiting_answer_from(self, user: User) -> Self:
        """Items for which `AgendaItem.awaits_answer_from` is true."""
        is_asked = Q(presenter=user, is_confirmed=False)
        return self.filter(is_asked | Q(swap_for__presenter=user, swap_for__is_confirmed=True))


class AgendaItem(models.Model):
    """A paper on the agenda of a discussion, its presenter and its outcome.

    A presenter who has not confirmed is only asked. Users in ``declined`` are not proposed again.
    """

    class Verdict(models.TextChoices):
        WORTH = "worth", "Worth it"
        MIXED = "mixed", "Mixed"
        NOT = "not", "Not worth it"

    discussion = models.ForeignKey(
        Discussion, models.CASCADE, related_name="agenda", db_index=False
    )
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField(default=0)
    minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    presenter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET(former_member),
        null=True,
        blank=True,
        related_name="presentations",
    )
    is_confirmed = models.BooleanField(default=False)
    # The item that the presenter wants in exchange, if its presenter agrees.
    swap_for = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="swaps_offered", editable=False
    )
    declined = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="declined_items")
    verdict = models.CharField(max_length=5, choices=Verdict.choices, blank=True)
    takeaways = models.TextField("take-aways", max_length=10_000, blank=True)
    open_questions = models.TextField(max_length=10_000, blank=True)
    slides = models.URLField(
        max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint("discussion", "paper", name="once_on_an_agenda"),
            models.CheckConstraint(
                condition=Q(is_confirmed=False) | Q(presenter__isnull=False),
                name="agenda_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "worth", "mixed", "not"]), name="agenda_verdict"
            ),
        ]

    def __str__(self) -> str:
        return str(self.paper)

    def awaits_answer_from(self, user: User) -> bool:
        """Whether ``user`` is asked to present the item, or to swap another one for it.

        `AgendaItemQuerySet.awaiting_answer_from` finds the same rows.
        """
        is_asked = self.presenter_id == user.pk and not self.is_confirmed
        return is_asked or self.is_offered_to(user)

    def is_offered_to(self, user: User) -> bool:
        """Whether the presenter offers ``user`` to swap this item for the one ``user`` presents."""
        other = self.swap_for
        return other is not None and other.is_confirmed and other.presenter_id == user.pk
