"""What members are notified of, the delivery that each chose, and what waits for a digest."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.comments import Comment
from papers.models.discussions import AgendaItem, Discussion
from papers.models.event_specs import About, EventSpec
from papers.models.events import EVENT_SPECS, Event
from papers.models.groups import Group
from papers.models.listings import Listing
from papers.models.mail_kinds import Delivery, MailKind
from papers.models.papers import Paper


class MailChoice(models.Model):
    """The delivery that a member chose for a kind of mail, if it is not the default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_choices", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    way = models.CharField(max_length=6, choices=Delivery.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("user", "kind", name="one_mail_choice"),
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_choice_kind"),
            models.CheckConstraint(condition=Q(way__in=Delivery.values), name="mail_choice_way"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}, {self.get_way_display().lower()}"


def _unique_occurrences() -> list[models.UniqueConstraint]:
    """One constraint for all the events whose occurrences the same columns tell apart."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for event in Event:
        if event.spec.once_per is not None:
            columns = (event.spec.about.value, *event.spec.once_per)
            groups.setdefault(columns, []).append(event.value)
    return [
        models.UniqueConstraint(
            fields=[*columns, "event"],
            condition=Q(event__in=events),
            name=f"notice_once_per_{'_'.join(columns)}",
        )
        for columns, events in groups.items()
    ]


def _needed_columns() -> list[models.CheckConstraint]:
    """The columns that the events in need of them have, and no others: a NULL is never unique."""
    return [
        models.CheckConstraint(
            condition=Q(event__in=events, **{f"{column}__isnull": False})
            | (~Q(event__in=events) & Q(**{f"{column}__isnull": True})),
            name=f"notice_{column}",
        )
        for column in (*About, "user", "due_at", "asked_on")
        for events in [[event.value for event in Event if event.spec.needs(column)]]
    ]


class Notice(models.Model):
    """One occurrence of an event, which the members are notified of.

    Recorded in the transaction in which it happens; a worker then sends each recipient a mail, and
    resumes where it was stopped. The constraints see to it that an occurrence is recorded once.
    """

    # What it happened to: one of these, as the `EventSpec` says.
    discussion = models.ForeignKey(Discussion, models.CASCADE, null=True, related_name="notices")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="notices")
    listing = models.ForeignKey(Listing, models.CASCADE, null=True, related_name="notices")
    paper = models.ForeignKey(Paper, models.CASCADE, null=True, related_name="notices")
    event = models.CharField(max_length=13, choices=Event.choices)
    # The only recipient, if it is not for all; and who acted, who is not notified.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # The `sequence` of the discussion when it happened.
    sequence = models.PositiveIntegerField(null=True)
    # Of a reminder: the start, closing or deadline that it reminds of.
    due_at = models.DateTimeField(null=True)
    # Of a moved discussion: its start, or closing, before.
    moved_from = models.DateTimeField(null=True)
    # Of a date poll: the day, in the group's zone, on which the members were asked again.
    asked_on = models.DateField(null=True)
    # Of a swap: the item that is offered, and the one that is wanted for it.
    item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, related_name="+")
    swap_for = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # When the last recipient was notified; NULL: a worker has yet to finish.
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], name="notice_untold", condition=Q(told_at=None))]
        constraints = [
            models.CheckConstraint(condition=Q(event__in=Event.values), name="notice_event"),
            models.CheckConstraint(
                condition=Q(discussion__isnull=False, sequence__isnull=False)
                | Q(discussion=None, sequence=None),
                name="notice_sequence",
            ),
            *_needed_columns(),
            *_unique_occurrences(),
        ]

    def __str__(self) -> str:
        about = self.spec.about.value
        return f"{self.get_event_display()}, {about} {getattr(self, f'{about}_id')}"

    @property
    def spec(self) -> EventSpec:
        """The row of the table of events."""
        return EVENT_SPECS[self.event]

    @property
    def group(self) -> Group:
        """The group whose members are notified."""
        if self.comment is not None:
            return self.comment.paper.group
        row = self.discussion or self.listing or self.paper
        assert row is not None  # by the constraints
        return row.group


class DigestItem(models.Model):
    """A notice that one member hears of in their next digest; its words are written then."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_items", db_index=False
    )
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="digest_items")
    created_at = models.DateTimeField(auto_now_add=True)
    # When the digest that tells it, or would have told it, was queued; NULL: it waits.
    digested_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["user", "id"], name="digest_waiting", condition=Q(digested_at=None)
            )
        ]
        constraints = [models.UniqueConstraint("user", "notice", name="once_in_a_digest")]

    def __str__(self) -> str:
        return f"{self.user}: {self.notice}"


class Heartbeat(models.Model):
    """When a recurring job of the clock last ran."""

    name = models.CharField(max_length=20, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}, {self.beat_at:%Y-%m-%d %H:%M}"
