"""What members say of a paper, and what becomes of it.

Locks are held as everywhere: the person first, then what they wrote. That of a person leaves them
to be mentioned by others at the same time.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from papers.events import done
from papers.models import DEEPEST_COMMENT, Comment, CommentRevision, User
from papers.rendering import mentioned

TWICE = timedelta(seconds=10)
GONE = "The comment was removed meanwhile."
NO_REASON = "Say in a few words why it is removed: its author will want to know."


@transaction.atomic
def comment(*, paper, user, body, parent=None, is_question=False):
    """A new comment; below ``parent``, or beside it where that is as deep as comments go.

    The same text at the same place within ten seconds is sent twice: the first one is returned.
    ValidationError where the account was deleted meanwhile.
    """
    if not lock_author(user.pk):
        raise ValidationError("Your account is not there any more.")
    if parent and parent.depth >= DEEPEST_COMMENT:
        parent = parent.parent
    if twin := _just_written(paper, user, body, parent):
        return twin
    made = Comment.objects.create(
        paper=paper,
        user=user,
        body=body,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        is_question=is_question,
    )
    _mention(made)
    return made


def lock_author(pk):
    """Hold the account until the transaction ends, so that what its owner sends comes in turn."""
    return User.objects.select_for_update(no_key=True).filter(pk=pk).first()


def _just_written(paper, user, body, parent):
    since = timezone.now() - TWICE
    mine = Comment.objects.filter(paper=paper, user=user, parent=parent, removed_at=None)
    return mine.filter(created_at__gte=since, body=body).first()


@transaction.atomic
def edit(*, comment, body, is_question):
    """Change the text of ``comment``; what it said before is kept.

    ValidationError where it was removed meanwhile.
    """
    kept = lock(comment.pk)
    if kept.removed_at:
        raise ValidationError(GONE)
    if body != kept.body:
        CommentRevision.objects.create(
            comment=kept, body=kept.body, written_at=kept.edited_at or kept.created_at
        )
        kept.body, kept.edited_at = body, timezone.now()
        _mention(kept)
    kept.is_question = is_question
    kept.save(update_fields=["body", "edited_at", "is_question"])


@transaction.atomic
def remove(*, comment, by, reason=""):
    """Take ``comment`` away; what was replied to it stays.

    ValidationError where somebody else removes it without a reason.
    """
    kept = lock(comment.pk)
    is_own = kept.user_id == by.pk
    if not is_own and not reason:
        raise ValidationError(NO_REASON)
    if kept.removed_at:
        return
    kept.removed_at, kept.removed_by = timezone.now(), by
    kept.removal_reason = "" if is_own else reason
    kept.save(update_fields=["removed_at", "removed_by", "removal_reason"])
    if not is_own:
        group = comment.paper.group_id
        done("comment removed", user=by.pk, group=group, comment=kept.pk, author=kept.user_id)


@transaction.atomic
def restore(*, comment, by):
    """Bring back ``comment``, which ``by`` removed; where it is back already, leave it."""
    kept = lock(comment.pk)
    if kept.removed_by_id != by.pk:
        return
    kept.removed_at, kept.removed_by, kept.removal_reason = None, None, ""
    kept.save(update_fields=["removed_at", "removed_by", "removal_reason"])


def mark_question(*, comment, on):
    """Say that ``comment`` is to be asked at the meeting, or no longer."""
    Comment.objects.filter(pk=comment.pk, removed_at=None).update(is_question=on)


def lock(pk):
    """The comment as it is now, and nobody else's until the transaction ends."""
    return Comment.objects.select_for_update(no_key=True).get(pk=pk)


def _mention(comment):
    """Keep whom the text of ``comment`` mentions: members of the group, but its author."""
    members = User.objects.filter(
        memberships__group=comment.paper.group_id,
        is_active=True,
        username__in=mentioned(comment.body),
    )
    comment.mentions.set(members.exclude(pk=comment.user_id))
