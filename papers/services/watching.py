"""Comment threads as seen, followed or read by a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone

from papers.library.unread import VISIT_LENGTH
from papers.models import Membership, Watch

if TYPE_CHECKING:
    from datetime import datetime

    from papers.models import Group, Paper, User


def mark_thread_seen(*, user: User, paper: Paper, upto: datetime, at: datetime) -> None:
    """Record that ``user``, at the time ``at``, saw the comments of ``paper`` up to ``upto``.

    If they had seen later ones already, that stays.
    """
    first = Watch(paper=paper, user=user, seen_at=upto, visited_at=at)
    Watch.objects.bulk_create([first], ignore_conflicts=True)
    seen_less = Q(seen_at=None) | Q(seen_at__lt=upto)
    watch = Watch.objects.filter(seen_less, paper=paper, user=user)
    begins = Q(visited_at=None) | Q(visited_at__lte=at - VISIT_LENGTH)
    if not watch.filter(begins).update(seen_before=F("seen_at"), visited_at=at, seen_at=upto):
        watch.update(seen_at=upto)


def set_following(*, user: User, paper: Paper, follows: bool | None) -> None:
    """Let ``user`` follow ``paper``, or mute it; None: follow it if they take part."""
    Watch.objects.bulk_create(
        [Watch(paper=paper, user=user, follows=follows)],
        update_conflicts=True,
        unique_fields=["paper", "user"],
        update_fields=["follows"],
    )


def mark_all_read(*, user: User, group: Group) -> None:
    """Mark all present comments in ``group`` as read by ``user``."""
    Membership.objects.filter(group=group, user=user).update(read_at=timezone.now())
