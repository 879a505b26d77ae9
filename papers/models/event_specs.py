"""What can be said of an event: who is notified, under which condition, and in which words."""

from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from enum import Enum, StrEnum, auto

from papers.models.mail_kinds import MailKind


class About(StrEnum):
    """What an event happens to: the column of `Notice` that refers to it."""

    DISCUSSION = "discussion"
    COMMENT = "comment"
    LISTING = "listing"
    PAPER = "paper"


class Audience(Enum):
    """Which active members of the group are notified; never the one who acted."""

    EVERYONE = auto()
    UNANSWERED = auto()  # those who have not answered every date of the poll that is to come
    NOT_DECLINED = auto()  # everyone except those who said that they can't go
    ATTENDING = auto()  # those who go, wait, join online or present; everyone if it is in writing
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
    WAITING = auto()  # the `user` of the notice is on the waiting list
    ASKED = auto()  # the `user` of the notice is asked to present or offered a swap
    MENTIONED = auto()  # the comment is there and mentions the `user` of the notice
    REPLIED = auto()  # the comment is there and replies to one of the `user` of the notice
    LISTED = auto()  # the listing is applied, and new papers of it are there
    PROPOSED = auto()  # nobody has set the paper aside


class Detail(Enum):
    """What a mail tells in addition to time, place and agenda."""

    DATES = auto()  # the dates of the poll
    WITHDRAWN = auto()  # the date that was withdrawn when the poll was reopened
    RSVP = auto()  # whether the reader is going, and the link to change that
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
    ``{what}``, the title of the discussion or paper; for comments and papers also ``{who}`` and
    ``{papers}``. ``written_subject`` and ``written_lead`` replace them for a discussion in writing,
    ``waiting_subject`` and ``waiting_lead`` for a reader on the waiting list, if not empty.

    ``once_per``: the columns of `Notice` that tell one occurrence from another of the same
    discussion or other row, which the database keeps unique. (): it happens once to it. None: each
    time that it is recorded it is another occurrence.

    ``never_waits``: one person has to act on it, who gets it at once and never in a digest.
    """

    value: str
    _: KW_ONLY
    kind: MailKind
    about: About = About.DISCUSSION
    subject: str
    lead: str
    action: str = "The meeting:"
    written_subject: str = ""
    written_lead: str = ""
    waiting_subject: str = ""
    waiting_lead: str = ""
    audience: Audience = Audience.EVERYONE
    condition: Condition
    details: tuple[Detail, ...] = ()
    once_per: tuple[str, ...] | None
    topic: Topic | None = None
    reminder: Reminder | None = None
    never_waits: bool = False

    def needs(self, column: str) -> bool:
        """Whether a notice of this event has a value in ``column`` of `Notice`."""
        return (
            column == self.about
            or column in (self.once_per or ())
            or (column == "user" and self.audience is Audience.ONE)
        )
