"""What an organiser says of papers: their status and their topics."""

from django.db import transaction
from django.utils import timezone

from papers.models import Group, Paper, Topic


@transaction.atomic
def set_topics(*, paper, names):
    """Give ``paper`` the topics ``names`` and no others; new names become topics of its group."""
    # First, for its lock on the group: two who name the same new topic do so one after the other.
    paper.group.bump_papers_version()
    paper.topics.set(Topic.get_or_create(paper.group, name) for name in names)


@transaction.atomic
def set_status(*, papers, status):
    """Give all of ``papers``, a queryset, the status; returns how many there are."""
    ids = list(papers.values_list("pk", flat=True))
    _bump_groups(papers)
    changed = {"status": status, "updated_at": timezone.now()}
    if status != Paper.Status.OPEN:
        changed["pinned_at"] = None
    return Paper.objects.filter(pk__in=ids).update(**changed)


@transaction.atomic
def add_topic(*, papers, name):
    """Give all of ``papers`` the topic, new where their group has none of the name."""
    for group in _bump_groups(papers):
        Topic.get_or_create(group, name).papers.add(*papers.filter(group=group))


@transaction.atomic
def remove_topic(*, papers, name):
    """Take the topic from all of ``papers``. Returns whether a group of theirs has it at all."""
    topics = Topic.objects.filter(group__in=_bump_groups(papers), key=Topic.key_for(name))
    for topic in topics:
        topic.papers.remove(*papers.filter(group=topic.group_id))
    return bool(topics)


def _bump_groups(papers):
    """The groups of ``papers``, in the order of locking, told that their papers change."""
    groups = list(Group.objects.filter(pk__in=papers.order_by().values("group")).order_by("pk"))
    for group in groups:
        group.bump_papers_version()
    return groups
