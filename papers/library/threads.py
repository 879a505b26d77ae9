"""Comment threads of papers, as one reader sees them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from papers.library import unread
from papers.models import User
from papers.rendering import opening_line, render_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from papers.library.unread import Reader
    from papers.models import Comment, Group, Paper


@dataclass(frozen=True, slots=True)
class Post:
    """A comment as the reader sees it, with the reader's rights."""

    comment: Comment
    replies_to: User | None  # the author of the parent
    html: str  # "" if it is removed
    is_mine: bool
    is_new: bool
    may_edit: bool
    may_remove: bool
    may_restore: bool

    @property
    def first_line(self) -> str:
        """The first line that is not quoted, shortened, as plain text for lists."""
        return opening_line(self.comment.body)


@dataclass(frozen=True, slots=True)
class Thread:
    """The posts of a paper, replies below their parents."""

    posts: list[Post]
    reader: Reader | None  # None: not a member

    @property
    def has_unseen(self) -> bool:
        """Whether some new posts have not been shown to the reader yet."""
        if self.reader is None:
            return False
        since = unread.unread_since(self.reader)
        return any(post.comment.created_at > since for post in self.new_posts)

    @property
    def existing_posts(self) -> list[Post]:
        """The posts that are not removed."""
        return [post for post in self.posts if not post.comment.removed_at]

    @property
    def new_posts(self) -> list[Post]:
        return [post for post in self.posts if post.is_new]

    @property
    def open_questions(self) -> list[Post]:
        """The questions for the meeting that have not been answered at one."""
        questions = [post for post in self.existing_posts if post.comment.is_question]
        return [post for post in questions if not post.comment.answered_at]

    @property
    def newest_at(self) -> datetime | None:
        """The time of the newest post; None if there are none."""
        return max((post.comment.created_at for post in self.posts), default=None)

    def find_post(self, pk: str) -> Post | None:
        """The post of the comment ``pk``; None if it is not in the thread, or removed."""
        return next((post for post in self.existing_posts if str(post.comment.pk) == pk), None)


def thread_of(paper: Paper, user: User, at: datetime) -> Thread:
    """The thread of ``paper`` as ``user`` sees it at the time ``at``. Three queries.

    The group of ``paper`` must have its `Viewer`, which knows the rights of ``user``.
    """
    reader = unread.reader_membership(user, paper)
    since = None
    if reader and reader.follows is not False:  # nothing is new on a muted paper
        since = unread.marked_new_since(reader, at)
    handles = member_handles(paper.group)
    comments = paper.comments.select_related("user", "removed_by")
    by_id: dict[int | None, Comment] = {comment.pk: comment for comment in comments}
    replies: defaultdict[int | None, list[Comment]] = defaultdict(list)
    for comment in by_id.values():
        replies[comment.parent_id].append(comment)
    posts = [
        _build_post(comment, by_id.get(comment.parent_id), user, since, handles)
        for comment in _shown_comments(None, replies, user)
    ]
    return Thread(posts, reader)


def _shown_comments(
    parent: int | None, replies: Mapping[int | None, list[Comment]], user: User
) -> list[Comment]:
    """The comments below the comment ``parent``, an id, each before its own replies.

    A removed comment is left out if nothing below it is shown, unless ``user`` wrote it, or removed
    it and may want to restore it.
    """
    shown: list[Comment] = []
    for comment in replies.get(parent, ()):
        below = _shown_comments(comment.pk, replies, user)
        if below or not comment.removed_at or user.pk in (comment.user_id, comment.removed_by_id):
            shown += [comment, *below]
    return shown


def _build_post(
    comment: Comment,
    parent: Comment | None,
    user: User,
    since: datetime | None,
    handles: frozenset[str],
) -> Post:
    """The post of ``comment``; it is new if it was written after ``since``, None: never."""
    exists = comment.removed_at is None
    is_mine = comment.user_id == user.pk
    viewer = comment.paper.group.viewer
    return Post(
        comment=comment,
        replies_to=parent.user if parent and not parent.removed_at else None,
        html=render_markdown(comment.body, handles) if exists else "",
        is_mine=is_mine,
        is_new=exists and not is_mine and since is not None and comment.created_at > since,
        may_edit=exists and viewer.may_edit_comment(comment),
        may_remove=exists and viewer.may_remove_comment(comment),
        may_restore=not exists and viewer.may_restore_comment(comment),
    )


def member_handles(group: Group) -> frozenset[str]:
    """The handles of the active members of ``group``, who can be mentioned."""
    users = User.objects.filter(memberships__group=group, is_active=True)
    return frozenset(users.values_list("username", flat=True))


def comment_url(comment: Comment) -> str:
    """The URL of ``comment`` on the page of its paper."""
    return f"{comment.paper.get_absolute_url()}#c{comment.pk}"


def quote_text(text: str) -> str:
    """``text`` as a Markdown quotation, with an empty line for the answer."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.split("\n")) + "\n"
