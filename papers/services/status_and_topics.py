"""The status and the topics of papers, as organisers set them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from papers.models import Group, Paper, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


@transaction.atomic
def set_topics(*, paper: Paper, names: Iterable[str]) -> None:
    """Give ``paper`` the topics ``names`` and no others; new names become topics of its group."""
    # First, for its lock on the group: two users who name the same new topic take turns.
    paper.group.bump_papers_version()
    paper.topics.set(Topic.get_or_create(paper.group, name) for name in names)


@transaction.atomic
def set_status(*, papers: QuerySet[Paper], status: str) -> int:
    """Set the status of all ``papers``. Returns their number."""
    ids = list(papers.values_list("pk", flat=True))
    _bump_groups(papers)
    changes: dict[str, Any] = {"status": status, "updated_at": timezone.now()}
    if status != Paper.Status.OPEN:
        changes["pinned_at"] = None
    return Paper.objects.filter(pk__in=ids).update(**changes)


@transaction.atomic
def add_topic(*, papers: QuerySet[Paper], name: str) -> None:
    """Add a topic to all ``papers``; it is created in groups that do not have it."""
    for group in _bump_groups(papers):
        Topic.get_or_create(group, name).papers.add(*papers.filter(group=group))


@transaction.atomic
def remove_topic(*, papers: QuerySet[Paper], name: str) -> bool:
    """Remove a topic from all ``papers``. Returns whether any of their groups has it."""
    topics = Topic.objects.filter(group__in=_bump_groups(papers), key=Topic.key_for(name))
    for topic in topics:
        topic.papers.remove(*papers.filter(group=topic.group_id))
    return bool(topics)


def _bump_groups(papers: QuerySet[Paper]) -> list[Group]:
    """Bump the version of each group of ``papers``, in the order of locking. Returns the groups."""
    groups = list(Group.objects.filter(pk__in=papers.order_by().values("group")).order_by("pk"))
    for group in groups:
        group.bump_papers_version()
    return groups
