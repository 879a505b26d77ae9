"""Factories of rows for tests, which fill in what a test does not need to say."""

from datetime import date, timedelta
from itertools import count

from allauth.account.models import EmailAddress
from django.utils import timezone

from papers.models import (
    AgendaItem,
    Comment,
    Discussion,
    Group,
    Listing,
    ListingEntry,
    Membership,
    Paper,
    Topic,
    User,
)
from papers.models.keys import set_keys

numbers = count(1)


PASSWORD = "correct horse battery"  # noqa: S105 - of test users only


def make_user(name="alice", **fields):
    """A user with the verified address ``name``@example.org."""
    fields = {"name": name.capitalize(), "email": f"{name}@example.org"} | fields
    user = User.objects.create_user(username=name, password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_group(name="Curious minds", *, slug=None, members=(), organisers=(), **fields):
    """A group that has been set up."""
    fields = {"set_up_at": timezone.now(), "set_up_dismissed_at": timezone.now()} | fields
    slug = slug or name.lower().replace(" ", "-")
    group = Group.objects.create(name=name, slug=slug, **fields)
    for user in members:
        Membership.objects.create(group=group, user=user)
    for user in organisers:
        Membership.objects.create(group=group, user=user, role=Membership.Role.ORGANISER)
    return group


def paper_fields(*, group, title=None, arxiv_id="", doi="", **fields):
    """An unsaved paper, like one from an import."""
    title = title or f"On the number {next(numbers)}"
    fields = {"abstract": "We count.", "published_on": date(2024, 5, 17)} | fields
    paper = Paper(group=group, title=title, arxiv_id=arxiv_id, doi=doi, **fields)
    set_keys(paper)
    return paper


def make_paper(*, topics=(), **fields):
    paper = paper_fields(**fields)
    paper.save()
    paper.topics.set(Topic.get_or_create(paper.group, name) for name in topics)
    paper.group.bump_papers_version()
    return paper


def make_listing(*, group, papers=(), by=None, **fields):
    """An applied listing, in which each of ``papers`` was an entry."""
    fields = {"name": "hf-papers.txt", "captured_on": date(2025, 11, 26)} | fields
    listing = Listing.objects.create(
        group=group, digest="", state=Listing.State.APPLIED, created_by=by, **fields
    )
    for number, paper in enumerate(papers, start=1):
        ListingEntry.objects.create(
            listing=listing,
            position=number,
            line=number,
            last_line=number,
            title=paper.title,
            outcome=ListingEntry.Outcome.CREATED,
            paper=paper,
        )
    group.bump_papers_version()
    return listing


def make_comment(*, paper, user, body="A word.", parent=None, **fields):
    """A comment; ``fields`` may include ``created_at``."""
    depth = parent.depth + 1 if parent else 0
    comment = Comment.objects.create(
        paper=paper, user=user, body=body, parent=parent, depth=depth, **fields
    )
    if "created_at" in fields:  # auto_now_add ignores it
        comment.created_at = fields["created_at"]
        comment.save(update_fields=["created_at"])
    return comment


def make_meeting(*, group, papers=(), starts_at=None, minutes=60, **fields):
    """A meeting on ``papers``, by default scheduled in a week. A date poll has no date.

    The status of the papers does not change.
    """
    fields.setdefault("state", "scheduled")
    if fields["state"] != "polling":
        fields["starts_at"] = starts_at or timezone.now() + timedelta(days=7)
        fields.setdefault("ends_at", fields["starts_at"] + timedelta(minutes=minutes))
    meeting = Discussion.objects.create(group=group, **fields)
    for position, paper in enumerate(papers):
        AgendaItem.objects.create(discussion=meeting, paper=paper, position=position)
    return meeting
