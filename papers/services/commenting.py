"""Adding, editing, removing and restoring comments.

Locks are taken as everywhere: users first, in the order of their ids, then what they wrote. The
users who are mentioned are locked as well, so that none is deleted before the comment is saved.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from papers.models import MAX_COMMENT_DEPTH, Comment, CommentRevision, Event, User
from papers.notifications.fan_out import record_event
from papers.rendering import mentioned_names
from papers.security_log import log_on_commit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papers.models import Group, Paper

DUPLICATE_WINDOW = timedelta(seconds=10)
MAX_COMMENTS, RATE_WINDOW = 30, timedelta(minutes=5)  # comments of one member
TOO_MANY = "These are many comments in a few minutes: wait a little, and send this one then."
NO_REASON = "Give a reason. The author of the comment will see it."


@transaction.atomic
def add_comment(
    *,
    paper: Paper,
    user: User,
    body: str,
    parent: Comment | None = None,
    is_question: bool = False,
) -> Comment:
    """Add a comment: a reply to ``parent``, or to its parent if that is as deep as replies go.

    Those whom it mentions and the author of ``parent`` are notified, each once.

    The same text in the same place within ten seconds is a double click: the first comment is
    returned. Raises User.DoesNotExist or IntegrityError if the account or the paper was deleted
    meanwhile; ValidationError if the member wrote too many comments lately.
    """
    people = lock_author_and_mentioned(user, paper.group, body)
    if parent and parent.depth >= MAX_COMMENT_DEPTH:
        parent = parent.parent
    if twin := _recent_duplicate(paper, user, body, parent):
        return twin
    if user.comments.filter(created_at__gte=timezone.now() - RATE_WINDOW).count() >= MAX_COMMENTS:
        raise ValidationError(TOO_MANY)
    comment = Comment.objects.create(
        paper=paper,
        user=user,
        body=body,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        is_question=is_question,
    )
    mentioned = [person for person in people if person != user]
    comment.mentions.set(mentioned)
    _notify_mentioned(comment, mentioned)
    if parent and parent.user not in people:
        record_event(Event.REPLIED, comment, by=user, user=parent.user)
    return comment


def _notify_mentioned(comment: Comment, users: Iterable[User]) -> None:
    """Notify ``users``, each of whom hears of a comment once, however often it is edited."""
    for user in users:
        record_event(Event.MENTIONED, comment, by=comment.user, user=user)


def lock_author_and_mentioned(user: User, group: Group, text: str = "") -> list[User]:
    """Lock ``user``, and the members of ``group`` whom ``text`` mentions. Returns them all.

    So requests of one member take turns. Raises User.DoesNotExist if ``user`` was deleted.
    """
    named = Q(username__in=mentioned_names(text), pk__in=group.active_user_ids())
    users = User.objects.select_for_update(no_key=True).order_by("pk")
    people = list(users.filter(Q(pk=user.pk) | named))
    if user not in people:
        raise User.DoesNotExist(f"no user {user.pk}")
    return people


def _recent_duplicate(
    paper: Paper, user: User, body: str, parent: Comment | None
) -> Comment | None:
    since = timezone.now() - DUPLICATE_WINDOW
    mine = Comment.objects.filter(paper=paper, user=user, parent=parent, removed_at=None)
    return mine.filter(created_at__gte=since, body=body).first()


@transaction.atomic
def edit_comment(*, comment: Comment, by: User, body: str, is_question: bool | None = None) -> None:
    """Change the text of ``comment``, and keep the earlier text as a revision.

    Those whom it mentions now, and who have not heard of it yet, are notified. ``is_question``:
    None leaves it unchanged. Raises Comment.DoesNotExist if the comment was removed or deleted
    meanwhile.
    """
    people = lock_author_and_mentioned(by, comment.paper.group, body)
    locked = lock_comment(comment.pk)
    if locked.removed_at:
        raise Comment.DoesNotExist(f"comment {locked.pk} was removed")
    if body != locked.body:
        CommentRevision.objects.create(
            comment=locked, body=locked.body, written_at=locked.edited_at or locked.created_at
        )
        locked.body, locked.edited_at = body, timezone.now()
        mentioned = [person for person in people if person != by]
        locked.mentions.set(mentioned)
        replied_to = locked.parent.user_id if locked.parent else None
        _notify_mentioned(locked, [one for one in mentioned if one.pk != replied_to])
    if is_question is not None:
        locked.is_question = is_question
    locked.save(update_fields=["body", "edited_at", "is_question"])


@transaction.atomic
def remove_comment(*, comment: Comment, by: User, reason: str = "") -> None:
    """Remove ``comment``; the replies to it stay.

    Raises ValidationError if ``by`` is not the author and gives no reason.
    """
    lock_author_and_mentioned(by, comment.paper.group)
    locked = lock_comment(comment.pk)
    is_own = locked.user_id == by.pk
    if not is_own and not reason:
        raise ValidationError(NO_REASON)
    if locked.removed_at:
        return
    locked.removed_at, locked.removed_by = timezone.now(), by
    locked.removal_reason = "" if is_own else reason
    locked.save(update_fields=["removed_at", "removed_by", "removal_reason"])
    if not is_own:
        group = comment.paper.group_id
        log_on_commit(
            "comment removed", user=by.pk, group=group, comment=locked.pk, author=locked.user_id
        )


@transaction.atomic
def restore_comment(*, comment: Comment, by: User) -> None:
    """Restore ``comment``, which ``by`` removed. Does nothing if it is restored already."""
    lock_author_and_mentioned(by, comment.paper.group)
    locked = lock_comment(comment.pk)
    if locked.removed_by_id != by.pk:
        return
    locked.removed_at, locked.removed_by, locked.removal_reason = None, None, ""
    locked.save(update_fields=["removed_at", "removed_by", "removal_reason"])


def mark_question(*, comment: Comment, on: bool) -> None:
    """Mark ``comment`` as an unanswered question for the meeting, or as none."""
    comments = Comment.objects.filter(pk=comment.pk, removed_at=None)
    comments.update(is_question=on, answered_at=None, answered_in=None)


def lock_comment(pk: int) -> Comment:
    """Lock the comment until the transaction ends. Returns its current row."""
    return Comment.objects.select_for_update(no_key=True).get(pk=pk)
