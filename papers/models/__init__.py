"""The data. ``CONTRIBUTING.md`` has the table of what the database guarantees of each."""

from papers.models.comments import (
    DEEPEST_COMMENT,
    LONGEST_COMMENT,
    Comment,
    CommentRevision,
    Watch,
)
from papers.models.discussions import AgendaItem, Discussion
from papers.models.groups import Group, Membership, Topic
from papers.models.joining import Invitation, JoinRequest
from papers.models.listings import Listing, ListingEntry, Upload
from papers.models.mails import Mail
from papers.models.papers import Paper
from papers.models.people import User, first_known_zone, former_member
from papers.models.votes import Offer, Vote

__all__ = [
    "DEEPEST_COMMENT",
    "LONGEST_COMMENT",
    "AgendaItem",
    "Comment",
    "CommentRevision",
    "Discussion",
    "Group",
    "Invitation",
    "JoinRequest",
    "Listing",
    "ListingEntry",
    "Mail",
    "Membership",
    "Offer",
    "Paper",
    "Topic",
    "Upload",
    "User",
    "Vote",
    "Watch",
    "first_known_zone",
    "former_member",
]
