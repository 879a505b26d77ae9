"""What is new to a member since their last visit, and which papers they follow.

New are the comments of others that were written after the later of two times: when the member last
saw the thread, and when they marked all as read, or else joined.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from papers.models import Comment, Membership, Offer, Vote, Watch

VISIT_LENGTH = timedelta(
    minutes=30
)  # for so long what was new when a thread was opened stays marked


def new_comments(user, group):
    """The comments that are new to ``user`` in ``group``, on papers they have not muted.

    None for a superuser who is no member.
    """
    membership = Membership.objects.filter(group=group, user=user).order_by()
    since = Subquery(membership.values(since=Coalesce("read_at", "created_at")))
    watches = Watch.objects.filter(paper=OuterRef("paper"), user=user)
    dealt_with = watches.filter(Q(follows=False) | Q(seen_at__gte=OuterRef("created_at")))
    comments = Comment.objects.filter(paper__group=group, removed_at=None, created_at__gt=since)
    return comments.exclude(user=user).exclude(Exists(dealt_with))


def reader_membership(user, paper):
    """The membership of ``user`` in the group of ``paper``; None where they are no member.

    With ``seen_at``, ``visited_at``, ``seen_before`` and ``follows`` of their watch, and
    ``follows_by_default``.
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


def unread_since(reader):
    """The time after which a comment is new to the `reader_membership`."""
    return _last_read_at(reader, reader.seen_at)


def marked_new_since(reader, at):
    """The time after which a comment is marked as new: the same, but for a visit that goes on."""
    goes_on = reader.visited_at and at - reader.visited_at < VISIT_LENGTH
    return _last_read_at(reader, reader.seen_before if goes_on else reader.seen_at)


def _last_read_at(reader, seen_at):
    since = reader.read_at or reader.created_at
    return max(since, seen_at) if seen_at else since


def followed_by(papers, user):
    """Those of ``papers``, a queryset, that ``user`` follows: as they said, or by taking part."""
    by_hand = Watch.objects.filter(user=user)
    takes_part = Q(pk__in=Vote.objects.wanting().filter(user=user).values("paper"))
    takes_part |= Q(pk__in=Offer.objects.filter(user=user).values("paper"))
    takes_part |= Q(pk__in=_comments_of(user).values("paper"))
    muted = Q(pk__in=by_hand.filter(follows=False).values("paper"))
    return papers.filter(
        Q(pk__in=by_hand.filter(follows=True).values("paper")) | takes_part & ~muted
    )


def _comments_of(user):
    return Comment.objects.filter(user=user, removed_at=None).order_by()
