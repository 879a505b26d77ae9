"""The models. A table in ``docs/data-model.md`` lists what the database guarantees for each."""

from papers.models.comments import (
    MAX_COMMENT_DEPTH,
    MAX_COMMENT_LENGTH,
    Comment,
    CommentRevision,
    Watch,
)
from papers.models.discussions import MAX_NOTES_LENGTH, AgendaItem, Discussion
from papers.models.events import Event
from papers.models.feeds import Feed
from papers.models.groups import FormerSlug, Group, Membership, Topic
from papers.models.joining import Invitation, JoinRequest
from papers.models.listings import Listing, ListingEntry, Upload
from papers.models.mail_kinds import DEFAULT_DELIVERIES, Delivery, MailKind
from papers.models.mails import Mail
from papers.models.notices import (
    DigestItem,
    Heartbeat,
    MailChoice,
    Notice,
)
from papers.models.papers import Paper
from papers.models.people import User, former_member
from papers.models.polls import MAX_DATE_OPTIONS, Availability, DateOption
from papers.models.readings import Reading
from papers.models.rsvps import Rsvp
from papers.models.submissions import Submission
from papers.models.time_zones import first_known_zone
from papers.models.votes import Offer, Vote

__all__ = [
    "MAX_COMMENT_DEPTH",
    "MAX_COMMENT_LENGTH",
    "MAX_NOTES_LENGTH",
    "DEFAULT_DELIVERIES",
    "MAX_DATE_OPTIONS",
    "AgendaItem",
    "Availability",
    "Comment",
    "CommentRevision",
    "DateOption",
    "DigestItem",
    "Discussion",
    "Event",
    "Feed",
    "FormerSlug",
    "Group",
    "Invitation",
    "JoinRequest",
    "MailKind",
    "Listing",
    "ListingEntry",
    "Mail",
    "MailChoice",
    "Membership",
    "Notice",
    "Offer",
    "Paper",
    "Heartbeat",
    "Reading",
    "Rsvp",
    "Submission",
    "Topic",
    "Upload",
    "User",
    "Vote",
    "Watch",
    "Delivery",
    "first_known_zone",
    "former_member",
]
