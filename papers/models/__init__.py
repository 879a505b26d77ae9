"""The data. ``CONTRIBUTING.md`` has the table of what the database guarantees of each."""

from papers.models.groups import Group, Membership, Topic, User
from papers.models.listings import Listing, ListingEntry, Upload
from papers.models.papers import Paper

__all__ = ["Group", "Listing", "ListingEntry", "Membership", "Paper", "Topic", "Upload", "User"]
