"""Unread comments of a member, and the papers that they follow.

A comment by somebody else is unread if it was written after the later of two times: when the member
last saw the thread, and when they marked all as read, or joined if they never did.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from papers.models import Comment, Membership, Offer, Vote, Watch

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from papers.models import Group, Paper, User
    from papers.models.papers import PaperQuerySet

    Reader = WithAnnotations[Membership, "WatchState"]

# Comments that were new when a thread was opened stay marked for so long.
VISIT_LENGTH = timedelta(minutes=30)


class WatchState(TypedDict):
    """The annotations of `reader_membership`; those of the `Watch` are None if it has no row."""

    seen_at: datetime | None
    visited_at: datetime | None
    seen_before: datetime | None
    follows: bool | None
    follows_by_default: bool


def new_comments(user: User, group: Group) -> QuerySet[Comment]:
    """The comments in ``group`` that ``user`` has not read, except on papers they have muted.

    Empty for a superuser who is not a member.
    """
    membership = Membership.objects.filter(group=group, user=user).order_by()
    since = Subquery(membership.values(since=Coalesce("read_at", "created_at")))
    watches = Watch.objects.filter(paper=OuterRef("paper"), user=user)
    seen_or_muted = watches.filter(Q(follows=False) | Q(seen_at__gte=OuterRef("created_at")))
    comments = Comment.objects.filter(paper__group=group, removed_at=None, created_at__gt=since)
    return comments.exclude(user=user).exclude(Exists(seen_or_muted))


def reader_membership(user: User, paper: Paper) -> Reader | None:
    """The membership of ``user`` in the group of ``paper``, annotated with `WatchState`.

    None if they are not a member. ``follows`` is the user's own choice; ``follows_by_default`` says
    whether they take part.
    """
    watch = Watch.objects.filter(paper=paper, user=user)
    memberships = Membership.objects.filter(group=paper.group_id, user=user).annotate(
        seen_at=Subquery(watch.values("seen_at")),
        visited_at=Subquery(watch.values("visited_at")),
        seen_before=Subquery(watch.values("seen_before")),
        follows=Subquery(watch.values("follows")),
        follows_by_default=Exists(Vote.objects.wanting().filter(paper=paper, user=user))
        | Exists(Offer.objects.filter(paper=paper, user=user))
        | Exists(_comments_of(user).filter(paper=paper)),
    )
    return memberships.first()


def unread_since(reader: Reader) -> datetime:
    """The time after which a comment is unread for ``reader``, a `reader_membership`."""
    return _last_read_at(reader, reader.seen_at)


def marked_new_since(reader: Reader, at: datetime) -> datetime:
    """The time after which a comment is marked as new at the time ``at``.

    During a visit to the thread this is the time before the visit; otherwise `unread_since`.
    """
    goes_on = reader.visited_at and at - reader.visited_at < VISIT_LENGTH
    return _last_read_at(reader, reader.seen_before if goes_on else reader.seen_at)


def _last_read_at(reader: Reader, seen_at: datetime | None) -> datetime:
    since = reader.read_at or reader.created_at
    return max(since, seen_at) if seen_at else since


def followed_by(papers: PaperQuerySet[Paper], user: User) -> PaperQuerySet[Paper]:
    """The papers among ``papers`` that ``user`` follows: by choice, or because they take part."""
    by_hand = Watch.objects.filter(user=user)
    takes_part = Q(pk__in=Vote.objects.wanting().filter(user=user).values("paper"))
    takes_part |= Q(pk__in=Offer.objects.filter(user=user).values("paper"))
    takes_part |= Q(pk__in=_comments_of(user).values("paper"))
    muted = Q(pk__in=by_hand.filter(follows=False).values("paper"))
    return papers.filter(
        Q(pk__in=by_hand.filter(follows=True).values("paper")) | takes_part & ~muted
    )


def _comments_of(user: User) -> QuerySet[Comment]:
    return Comment.objects.filter(user=user, removed_at=None).order_by()
