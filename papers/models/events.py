"""The events that members are notified of: one row of a table each, with all that is known of it.

A new kind of mail is a new member of `Event`. The choices and constraints of `Notice`, the members'
mail choices, the recipients and the words of the mail follow from its `EventSpec`.
"""

from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from enum import Enum, auto

from django.db import models

from papers.models.mail_kinds import MailKind


class Audience(Enum):
    """Which active members of the group are notified; never the one who acted."""

    EVERYONE = auto()
    UNANSWERED = auto()  # those who have not answered every date of the poll that is to come
    NOT_DECLINED = auto()  # everyone except those who said that they cannot come
    ATTENDING = auto()  # those who come, join remotely or present; everyone if it is in writing
    ONE = auto()  # the `user` of the notice


class Condition(Enum):
    """What must still hold when the mails go out; otherwise the notice is obsolete."""

    POLL_OPEN = auto()
    SCHEDULED = auto()  # and not over
    CANCELLED = auto()  # and it would not be over
    UPCOMING = auto()  # a poll, or scheduled and not over
    HELD = auto()
    DUE = auto()  # it is still due at the `due_at` of the notice, and that is still to come
    SEATED = auto()  # the `user` of the notice has a seat
    ASKED = auto()  # the `user` of the notice is asked to present or offered a swap


class Detail(Enum):
    """What a mail tells in addition to time, place and agenda."""

    DATES = auto()  # the dates of the poll
    WITHDRAWN = auto()  # the date that was withdrawn when the poll was reopened
    QUESTIONS = auto()  # the open questions on the papers
    LATER = auto()  # the next discussions of the group
    OUTCOMES = auto()  # the outcomes, in place of the agenda


class Topic(Enum):
    """Of several notices on one topic that nobody was told of yet, only the latest is sent."""

    ADDED_DATES = auto()
    DATE = auto()
    SEAT = auto()
    PRESENTING = auto()


@dataclass(frozen=True)
class Reminder:
    """When the clock records a reminder.

    ``ahead``: how long before it is due. ``unless_told``: values of the events whose mail makes
    the reminder needless, where they were recorded less than ``ahead`` before.
    """

    ahead: timedelta
    unless_told: tuple[str, ...]


@dataclass(frozen=True)
class EventSpec:
    """One row of the table of events. ``value`` is kept in the database.

    ``subject``, ``lead`` and ``action`` are the words of the mail: its subject, its first paragraph
    and the line before the link. The first two are templates with ``{group}``, ``{day}`` and
    ``{what}``, the title of the discussion. ``written_subject`` and ``written_lead`` replace them
    for a discussion in writing, if not empty.

    ``once_per``: the columns of `Notice` that tell one occurrence from another of the same
    discussion, which the database keeps unique. (): it happens once to a discussion. None: each
    time that it is recorded it is another occurrence.
    """

    value: str
    _: KW_ONLY
    kind: MailKind
    subject: str
    lead: str
    action: str = "The meeting:"
    written_subject: str = ""
    written_lead: str = ""
    audience: Audience = Audience.EVERYONE
    condition: Condition
    details: tuple[Detail, ...] = ()
    once_per: tuple[str, ...] | None
    topic: Topic | None = None
    reminder: Reminder | None = None

    def needs(self, column: str) -> bool:
        """Whether a notice of this event has a value in ``column`` of `Notice`."""
        return column in (self.once_per or ()) or (
            column == "user" and self.audience is Audience.ONE
        )


class Event(models.TextChoices):
    """Something that happens to a discussion, or is due by the clock."""

    spec: EventSpec

    def __new__(cls, spec: EventSpec) -> "Event":
        event = str.__new__(cls, spec.value)
        event._value_, event.spec = spec.value, spec
        return event

    POLL_OPENED = EventSpec(
        "poll-opened",
        kind=MailKind.POLL,
        subject="{group}: when can you come?",
        lead="“{group}” looks for a date to meet. When can you come?",
        action="Say when you can come:",
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=(),
    )
    # One mail for each set of dates that is added, and only to those who have to answer them.
    DATES_ADDED = EventSpec(
        "dates-added",
        kind=MailKind.POLL,
        subject="{group}: new dates to choose from",
        lead="A date poll of “{group}” has new dates. Your other answers are saved.",
        action="Answer the new dates:",
        audience=Audience.UNANSWERED,
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("sequence",),
        topic=Topic.ADDED_DATES,
    )
    # An organiser asks those who have not answered.
    POLL_REMINDED = EventSpec(
        "poll-reminded",
        kind=MailKind.POLL,
        subject="{group}: when can you come? Your answer is missing",
        lead="“{group}” looks for a date to meet, and your answer is missing.",
        action="Say when you can come:",
        audience=Audience.UNANSWERED,
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("asked_on",),
    )
    POLL_CLOSES = EventSpec(
        "poll-closes",
        kind=MailKind.UNANSWERED,
        subject="{group}: when can you come? The date poll closes soon",
        lead="“{group}” looks for a date to meet. The date poll closes soon, and your "
        "answer is missing.",
        action="Say when you can come:",
        audience=Audience.UNANSWERED,
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("due_at",),
        reminder=Reminder(
            timedelta(days=2),
            unless_told=("poll-opened", "dates-added", "poll-reminded", "reopened"),
        ),
    )
    FIXED = EventSpec(
        "fixed",
        kind=MailKind.DATE,
        subject="{day}: {what}",
        written_subject="In writing, {day}: {what}",
        lead="“{group}” meets. Here is when and over what.",
        written_lead="“{group}” discusses in writing. Here is until when and over what.",
        action="Say whether you come:",
        condition=Condition.SCHEDULED,
        details=(Detail.LATER,),
        once_per=("sequence",),  # a poll that is reopened has its date chosen again
        topic=Topic.DATE,
    )
    REOPENED = EventSpec(
        "reopened",
        kind=MailKind.DATE,
        subject="{group}: the date is open again: {what}",
        lead="The date of a meeting of “{group}” is withdrawn, and its date poll is open again. "
        "Your answers are saved; you can change them.",
        action="Say when you can come:",
        condition=Condition.POLL_OPEN,
        details=(Detail.WITHDRAWN, Detail.DATES),
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    MOVED = EventSpec(
        "moved",
        kind=MailKind.DATE,
        subject="Changed, now {day}: {what}",
        lead="A meeting of “{group}” was changed. This is how it is now.",
        written_lead="A discussion in writing of “{group}” was changed. This is how it is now.",
        action="Say whether you come:",
        condition=Condition.SCHEDULED,
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    CANCELLED = EventSpec(
        "cancelled",
        kind=MailKind.DATE,
        subject="Called off, {day}: {what}",
        lead="This meeting of “{group}” is called off.",
        written_lead="This discussion in writing of “{group}” is called off.",
        audience=Audience.NOT_DECLINED,
        condition=Condition.CANCELLED,
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    REINSTATED = EventSpec(
        "reinstated",
        kind=MailKind.DATE,
        subject="On again, {day}: {what}",
        lead="This meeting of “{group}” was called off, and is on again.",
        written_lead="This discussion in writing of “{group}” was called off, and is on again.",
        action="Say whether you come:",
        condition=Condition.UPCOMING,
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    # A seat is free for somebody who waited for one. It may happen to them again at any time: the
    # lock of the discussion sees to it that each free seat is recorded once.
    SEAT = EventSpec(
        "seat",
        kind=MailKind.DATE,
        subject="A seat for you, {day}: {what}",
        lead="A seat has become free, and it is yours: you come to this meeting of “{group}”.",
        audience=Audience.ONE,
        condition=Condition.SEATED,
        once_per=None,
        topic=Topic.SEAT,
    )
    PRESENT = EventSpec(
        "present",
        kind=MailKind.DATE,
        subject="Can you present? {day}: {what}",
        lead="“{group}” would like you to present. Say whether you do, please.",
        action="Say yes, or decline:",
        audience=Audience.ONE,
        condition=Condition.ASKED,
        once_per=("user", "sequence"),
        topic=Topic.PRESENTING,
    )
    # A presenter offers an item for one that another presents, who is asked once.
    SWAP = EventSpec(
        "swap",
        kind=MailKind.DATE,
        subject="Can you present? {day}: {what}",
        lead="“{group}” would like you to present. Say whether you do, please.",
        action="Say yes, or decline:",
        audience=Audience.ONE,
        condition=Condition.ASKED,
        once_per=("user", "item", "swap_for"),
        topic=Topic.PRESENTING,
    )
    DAY = EventSpec(
        "day",
        kind=MailKind.DAY,
        subject="Reminder, {day}: {what}",
        lead="This is coming up in “{group}”.",
        written_lead="This discussion in writing of “{group}” closes soon.",
        audience=Audience.ATTENDING,
        condition=Condition.DUE,
        details=(Detail.QUESTIONS,),
        once_per=("due_at",),
        reminder=Reminder(timedelta(days=1), unless_told=("fixed", "moved", "reinstated")),
    )
    HOUR = EventSpec(
        "hour",
        kind=MailKind.HOUR,
        subject="Soon, {day}: {what}",
        lead="This begins within the hour in “{group}”.",
        audience=Audience.ATTENDING,
        condition=Condition.DUE,
        details=(Detail.QUESTIONS,),
        once_per=("due_at",),
        reminder=Reminder(timedelta(hours=1), unless_told=("fixed", "moved", "reinstated")),
    )
    OUTCOMES = EventSpec(
        "outcomes",
        kind=MailKind.OUTCOMES,
        subject="What came of it, {day}: {what}",
        lead="“{group}” has met. This is what came of it.",
        written_lead="“{group}” has discussed in writing. This is what came of it.",
        action="All of it, with the notes:",
        condition=Condition.HELD,
        details=(Detail.OUTCOMES,),
        once_per=("sequence",),
    )


EVENT_SPECS: dict[str, EventSpec] = {event.value: event.spec for event in Event}
