"""The data. ``CONTRIBUTING.md`` has the table of what the database guarantees of each."""

from papers.models.groups import Group, Membership, Topic
from papers.models.joining import Invitation, JoinRequest
from papers.models.listings import Listing, ListingEntry, Upload
from papers.models.mails import Mail
from papers.models.papers import Paper
from papers.models.people import User, first_known_zone, former_member

__all__ = [
    "Group",
    "Invitation",
    "JoinRequest",
    "Listing",
    "ListingEntry",
    "Mail",
    "Membership",
    "Paper",
    "Topic",
    "Upload",
    "User",
    "first_known_zone",
    "former_member",
]
