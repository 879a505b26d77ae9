"""The data. ``CONTRIBUTING.md`` has the table of what the database guarantees of each."""

from papers.models.comments import (
    DEEPEST_COMMENT,
    LONGEST_COMMENT,
    Comment,
    CommentRevision,
    Watch,
)
from papers.models.discussions import LONGEST_NOTES, AgendaItem, Discussion, Rsvp
from papers.models.feeds import Feed
from papers.models.groups import Group, Membership, Topic
from papers.models.joining import Invitation, JoinRequest
from papers.models.listings import Listing, ListingEntry, Upload
from papers.models.mails import Mail
from papers.models.notices import DEFAULTS as MAIL_DEFAULTS
from papers.models.notices import DigestItem, Kind, MailChoice, Notice, Pulse, Way
from papers.models.papers import Paper
from papers.models.people import User, first_known_zone, former_member
from papers.models.polls import MOST_OPTIONS, Availability, DateOption
from papers.models.readings import Reading
from papers.models.votes import Offer, Vote

__all__ = [
    "DEEPEST_COMMENT",
    "LONGEST_COMMENT",
    "LONGEST_NOTES",
    "MAIL_DEFAULTS",
    "MOST_OPTIONS",
    "AgendaItem",
    "Availability",
    "Comment",
    "CommentRevision",
    "DateOption",
    "DigestItem",
    "Discussion",
    "Feed",
    "Group",
    "Invitation",
    "JoinRequest",
    "Kind",
    "Listing",
    "ListingEntry",
    "Mail",
    "MailChoice",
    "Membership",
    "Notice",
    "Offer",
    "Paper",
    "Pulse",
    "Reading",
    "Rsvp",
    "Topic",
    "Upload",
    "User",
    "Vote",
    "Watch",
    "Way",
    "first_known_zone",
    "former_member",
]
