"""What members say of a paper, and what becomes of it.

Locks are held as everywhere: people first, in the order of their ids, then what they wrote. Who is
mentioned is held, too, so that none of them is gone when the comment is kept.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from papers.models import MAX_COMMENT_DEPTH, Comment, CommentRevision, User
from papers.rendering import mentioned_names
from papers.security_log import log_on_commit

DUPLICATE_WINDOW = timedelta(seconds=10)
MAX_COMMENTS, RATE_WINDOW = 30, timedelta(minutes=5)  # comments of one member
TOO_MANY = "These are many comments in a few minutes: wait a little, and send this one then."
NO_REASON = "Say in a few words why it is removed: its author will want to know."


@transaction.atomic
def add_comment(*, paper, user, body, parent=None, is_question=False):
    """A new comment; below ``parent``, or beside it where that is as deep as comments go.

    The same text at the same place within ten seconds is sent twice: the first one is returned.
    User.DoesNotExist, or IntegrityError, where the account, or the paper, went meanwhile;
    ValidationError where the member wrote too many lately.
    """
    people = lock_author_and_mentioned(user, paper.group, body)
    if parent and parent.depth >= MAX_COMMENT_DEPTH:
        parent = parent.parent
    if twin := _recent_duplicate(paper, user, body, parent):
        return twin
    if user.comments.filter(created_at__gte=timezone.now() - RATE_WINDOW).count() >= MAX_COMMENTS:
        raise ValidationError(TOO_MANY)
    made = Comment.objects.create(
        paper=paper,
        user=user,
        body=body,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        is_question=is_question,
    )
    made.mentions.set(one for one in people if one != user)
    return made


def lock_author_and_mentioned(user, group, text=""):
    """Hold ``user``, and whom of ``group`` the ``text`` mentions, until the transaction ends.

    What one member sends comes in turn. User.DoesNotExist where the account of ``user`` is gone.
    """
    named = Q(username__in=mentioned_names(text), pk__in=group.active_user_ids())
    people = User.objects.select_for_update(no_key=True).order_by("pk")
    found = list(people.filter(Q(pk=user.pk) | named))
    if user not in found:
        raise User.DoesNotExist(f"no user {user.pk}")
    return found


def _recent_duplicate(paper, user, body, parent):
    since = timezone.now() - DUPLICATE_WINDOW
    mine = Comment.objects.filter(paper=paper, user=user, parent=parent, removed_at=None)
    return mine.filter(created_at__gte=since, body=body).first()


@transaction.atomic
def edit_comment(*, comment, by, body, is_question=None):
    """Change the text of ``comment``; what it said before is kept. None: as it is marked now.

    Comment.DoesNotExist where it was removed, or went, meanwhile.
    """
    people = lock_author_and_mentioned(by, comment.paper.group, body)
    kept = lock_comment(comment.pk)
    if kept.removed_at:
        raise Comment.DoesNotExist(f"comment {kept.pk} was removed")
    if body != kept.body:
        CommentRevision.objects.create(
            comment=kept, body=kept.body, written_at=kept.edited_at or kept.created_at
        )
        kept.body, kept.edited_at = body, timezone.now()
        kept.mentions.set(one for one in people if one != by)
    if is_question is not None:
        kept.is_question = is_question
    kept.save(update_fields=["body", "edited_at", "is_question"])


@transaction.atomic
def remove_comment(*, comment, by, reason=""):
    """Take ``comment`` away; what was replied to it stays.

    ValidationError where somebody else removes it without a reason.
    """
    lock_author_and_mentioned(by, comment.paper.group)
    kept = lock_comment(comment.pk)
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
        log_on_commit(
            "comment removed", user=by.pk, group=group, comment=kept.pk, author=kept.user_id
        )


@transaction.atomic
def restore_comment(*, comment, by):
    """Bring back ``comment``, which ``by`` removed; where it is back already, leave it."""
    lock_author_and_mentioned(by, comment.paper.group)
    kept = lock_comment(comment.pk)
    if kept.removed_by_id != by.pk:
        return
    kept.removed_at, kept.removed_by, kept.removal_reason = None, None, ""
    kept.save(update_fields=["removed_at", "removed_by", "removal_reason"])


def mark_question(*, comment, on):
    """Say that ``comment`` is to be asked at the meeting, also again, or no longer."""
    asked = Comment.objects.filter(pk=comment.pk, removed_at=None)
    asked.update(is_question=on, answered_at=None, answered_in=None)


def lock_comment(pk):
    """The comment as it is now, and nobody else's until the transaction ends."""
    return Comment.objects.select_for_update(no_key=True).get(pk=pk)
