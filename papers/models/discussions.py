"""When the group meets, over what, who comes, and what came of it."""

import uuid

from django.conf import settings
from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from papers.models.groups import Group
from papers.models.papers import Paper
from papers.models.people import former_member

MAX_NOTES_LENGTH = 50_000  # characters


class DiscussionQuerySet(models.QuerySet):
    def in_group(self, group):
        return self.filter(group=group)

    def upcoming(self, at):
        """Those that are not over at ``at``, the next first."""
        scheduled = self.filter(state=Discussion.State.SCHEDULED, ends_at__gt=at)
        return scheduled.order_by("starts_at", "pk")

    def polling(self):
        """Those whose date the members are asked for, the first asked first."""
        return self.filter(state=Discussion.State.POLLING).order_by("pk")

    def unfinished(self, at):
        """Those that are over at ``at``, and of which nobody has said whether they were held."""
        return self.filter(state=Discussion.State.SCHEDULED, ends_at__lte=at).order_by("starts_at")

    def with_agenda(self):
        """Each with its agenda, papers and presenters: no query for each of many."""
        return self.prefetch_related(_agenda_prefetch())


class Discussion(models.Model):
    """A meeting of a group; or a discussion in writing, which has no hour and closes on a day.

    One in writing begins when it is made and ends with its last day, in the group's zone.
    """

    class State(models.TextChoices):
        POLLING = "polling", "Date poll"
        SCHEDULED = "scheduled"
        HELD = "held"
        CANCELLED = "cancelled", "Called off"

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
        help_text="Who comes when they are taken waits in line. Empty: as many as come.",
    )
    # Of a date poll: until when one may answer, and how many have to come for it to fix itself.
    answer_by = models.DateTimeField(null=True, blank=True)
    quorum = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # What calendars know it by, and how often it has changed since they do.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    reads_together = models.BooleanField("the group reads together first", default=False)
    # What was written down together; the version tells whether somebody else has, meanwhile.
    notes = models.TextField(max_length=MAX_NOTES_LENGTH, blank=True)
    notes_version = models.PositiveIntegerField(default=0, editable=False)
    recording = models.URLField(
        max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)

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
                | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="discussion_ends_after_it_starts",
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__gte=1), name="discussion_seats"
            ),
        ]

    def __str__(self):
        """What it is over. One query, unless it was fetched `with_agenda`."""
        titles = [item.paper.title for item in self.agenda.all()]
        if not titles:
            return "Discussion" if self.is_written else "Meeting"
        return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"

    def get_absolute_url(self):
        return reverse("discussion", args=[self.group.slug, self.pk])

    def fetch_agenda(self):
        """The items of its agenda, as `with_agenda` has them: no query the next time."""
        models.prefetch_related_objects([self], _agenda_prefetch())
        return list(self.agenda.all())

    @property
    def is_polling(self):
        return self.state == self.State.POLLING

    @property
    def is_scheduled(self):
        return self.state == self.State.SCHEDULED

    @property
    def is_held(self):
        return self.state == self.State.HELD

    @property
    def is_cancelled(self):
        return self.state == self.State.CANCELLED


def _agenda_prefetch():
    items = AgendaItem.objects.select_related("paper", "presenter", "swap_for__paper")
    return models.Prefetch("agenda", items)


class AgendaItemQuerySet(models.QuerySet):
    def of_meetings_to_come(self, group, at):
        """Items on the agendas of ``group`` that can still change: of polls, and before the end."""
        states = [Discussion.State.POLLING, Discussion.State.SCHEDULED]
        items = self.filter(discussion__group=group, discussion__state__in=states)
        return items.exclude(discussion__ends_at__lte=at)

    def awaiting_answer_from(self, user):
        """Those for which `AgendaItem.awaits_answer_from` is true."""
        is_asked = Q(presenter=user, is_confirmed=False)
        return self.filter(is_asked | Q(swap_for__presenter=user, swap_for__is_confirmed=True))


class AgendaItem(models.Model):
    """A paper on the agenda of a meeting, who presents it, and what came of it.

    A presenter who has not confirmed is a proposal; who declined is not proposed again.
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
    # What its presenter would take for it, if who presents that agrees.
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

    def __str__(self):
        return str(self.paper)

    def awaits_answer_from(self, user):
        """Whether ``user`` is asked to present it, or to swap what they present for it.

        `AgendaItemQuerySet.awaiting_answer_from` finds the same rows.
        """
        is_asked = self.presenter_id == user.pk and not self.is_confirmed
        return is_asked or self.is_offered_to(user)

    def is_offered_to(self, user):
        """Whether its presenter would swap it with ``user``, for what they present."""
        other = self.swap_for
        return other is not None and other.is_confirmed and other.presenter_id == user.pk


class Rsvp(models.Model):
    """Whether one member comes to a meeting.

    Who comes stands in line in the order of ``turn``: where seats are limited, the first have one
    and the others wait. Who comes remotely needs none.
    """

    class Answer(models.TextChoices):
        COMING = "coming", "I come"
        REMOTE = "remote", "I join remotely"
        NOT = "not", "I cannot come"

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="rsvps", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rsvps")
    answer = models.CharField(max_length=6, choices=Answer.choices)
    turn = models.PositiveIntegerField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["turn", "id"]
        constraints = [
            models.UniqueConstraint("discussion", "user", name="one_rsvp"),
            models.UniqueConstraint("discussion", "turn", name="one_in_each_turn"),
            models.CheckConstraint(
                condition=Q(answer="coming", turn__isnull=False)
                | Q(answer__in=["remote", "not"], turn=None),
                name="rsvp_turn",
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_answer_display().lower()}"
