"""What an organiser says of a paper: its status and its topics."""

from django.db import transaction

from papers.models import Topic


@transaction.atomic
def set_topics(*, paper, names):
    """Give ``paper`` the topics ``names`` and no others; new names become topics of its group."""
    # First, for its lock on the group: two who name the same new topic do so one after the other.
    paper.group.papers_changed()
    paper.topics.set(Topic.named(paper.group, name) for name in names)


@transaction.atomic
def set_status(*, paper, status):
    paper.group.papers_changed()
    paper.status = status
    paper.save(update_fields=["status", "updated_at"])
