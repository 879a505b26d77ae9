"""The thread of a paper as one reader sees it, in the order of reading."""

import re
from collections import defaultdict
from dataclasses import dataclass

from django.utils.text import Truncator

from papers.library import unread
from papers.models import Comment, Membership, User
from papers.rendering import render_markdown, split_formulas

LONGEST_OPENING = 160  # characters
MARKDOWN_MARKS = re.compile(
    r"[*_`~]+|^#+ |!?\[(?=[^\]]*\]\()|\]\([^)]*\)"
)  # of Markdown, in a line


@dataclass(frozen=True, slots=True)
class Post:
    """A comment, and what the reader may do with it."""

    comment: Comment
    replies_to: User | None  # whose comment it replies to
    html: str  # "" where it was removed
    is_mine: bool
    is_new: bool
    may_edit: bool
    may_remove: bool
    may_restore: bool

    @property
    def first_line(self):
        """The first line that is not quoted: what a list shows of it."""
        lines = [line.strip() for line in self.comment.body.split("\n")]
        own = [line for line in lines if line and not line.startswith(">")]
        parts = split_formulas((own or lines)[0])
        plain = [
            source if formula else MARKDOWN_MARKS.sub("", source) for source, formula, _ in parts
        ]
        return Truncator("".join(plain)).chars(LONGEST_OPENING)


@dataclass(frozen=True, slots=True)
class Thread:
    """All posts, replies after what they reply to; ``reader`` is None for who is no member."""

    posts: list[Post]
    reader: Membership | None

    @property
    def has_unseen(self):
        """Whether something is new that the reader has not been shown yet."""
        return any(
            post.comment.created_at > unread.unread_since(self.reader) for post in self.new_posts
        )

    @property
    def existing_posts(self):
        """The posts that were not removed."""
        return [post for post in self.posts if not post.comment.removed_at]

    @property
    def new_posts(self):
        return [post for post in self.posts if post.is_new]

    @property
    def open_questions(self):
        """What is to be asked at the meeting, and was not talked about at one."""
        asked = [post for post in self.existing_posts if post.comment.is_question]
        return [post for post in asked if not post.comment.answered_at]

    @property
    def newest_at(self):
        """When the newest comment was written that is shown here."""
        return max((post.comment.created_at for post in self.posts), default=None)

    def find_post(self, pk):
        """The post of the comment ``pk``, where it is there."""
        return next((post for post in self.existing_posts if str(post.comment.pk) == pk), None)


def thread_of(paper, user, at):
    """The `Thread` of ``paper`` at the time ``at``, in three queries.

    The group of ``paper`` says what ``user`` may.
    """
    reader = unread.reader_membership(user, paper)
    is_told = reader and reader.follows is not False
    since = unread.marked_new_since(reader, at) if is_told else None
    handles = member_handles(paper.group)
    by_id = {one.pk: one for one in paper.comments.select_related("user", "removed_by")}
    replies = defaultdict(list)
    for comment in by_id.values():
        replies[comment.parent_id].append(comment)
    posts = [
        _build_post(comment, by_id.get(comment.parent_id), user, since, handles)
        for comment in _shown_comments(None, replies, user)
    ]
    return Thread(posts, reader)


def _shown_comments(parent, replies, user):
    """The comments below the one of the id ``parent``, each before its own replies.

    One that was removed is left out where nothing below it is shown, unless ``user`` wrote it, or
    removed it and may want it back.
    """
    shown = []
    for comment in replies.get(parent, ()):
        below = _shown_comments(comment.pk, replies, user)
        if below or not comment.removed_at or user.pk in (comment.user_id, comment.removed_by_id):
            shown += [comment, *below]
    return shown


def _build_post(comment, parent, user, since, handles):
    is_there = comment.removed_at is None
    is_mine = comment.user_id == user.pk
    viewer = comment.paper.group.viewer
    return Post(
        comment=comment,
        replies_to=parent.user if parent and not parent.removed_at else None,
        html=render_markdown(comment.body, handles) if is_there else "",
        is_mine=is_mine,
        is_new=is_there and not is_mine and since is not None and comment.created_at > since,
        may_edit=is_there and viewer.may_edit_comment(comment),
        may_remove=is_there and viewer.may_remove_comment(comment),
        may_restore=not is_there and viewer.may_restore_comment(comment),
    )


def member_handles(group):
    """The handles of those who are in ``group`` now: what a mention is made of."""
    users = User.objects.filter(memberships__group=group, is_active=True)
    return frozenset(users.values_list("username", flat=True))


def comment_url(comment):
    """Where ``comment`` is to be read."""
    return f"{comment.paper.get_absolute_url()}#c{comment.pk}"


def quote_text(text):
    """``text`` as a quotation, with room for an answer."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.split("\n")) + "\n"
