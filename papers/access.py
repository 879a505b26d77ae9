"""Access: each function fetches a row and checks the user's right to it.

A stranger gets the same 404 as for a row that does not exist. A member who asks for something that
only organisers may do gets a 403. The group of the row has a `Viewer`, which says what else the
user may do: ``group.viewer.may_organise``, ``paper.group.viewer.may_edit_paper(paper)``.
"""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, OuterRef, Subquery
from django.http import Http404

from papers.models import (
    AgendaItem,
    Comment,
    Discussion,
    Group,
    Invitation,
    JoinRequest,
    Membership,
    Paper,
    User,
)
from papers.viewer import Viewer

Row = TypeVar("Row", bound=Model)
GroupRow = TypeVar("GroupRow", Invitation, JoinRequest, Membership)


def group_for(user: User, slug: str) -> Group:
    """The group ``slug``, of which ``user`` is a member."""
    groups = Group.objects.annotate(role=_role_in(user, "pk"), asking=_join_request_count("pk"))
    group = _found_or_404(groups.filter(slug=slug).first())
    _set_viewer_or_404(group, user, group.role, group.asking)
    return group


def joined_group_for(user: User, slug: str) -> Group:
    """The group ``slug``, of which ``user`` is a member: a superuser from outside gets a 403."""
    group = group_for(user, slug)
    _require(group.viewer.is_member)
    return group


def organised_group_for(user: User, slug: str) -> Group:
    """The group ``slug``, which ``user`` organises."""
    group = group_for(user, slug)
    _require(group.viewer.may_organise)
    return group


def scheduling_group_for(user: User, slug: str) -> Group:
    """The group ``slug``, in which ``user`` may create meetings and date polls."""
    group = group_for(user, slug)
    _require(group.viewer.may_schedule)
    return group


def paper_for(user: User, slug: str, pk: int) -> Paper:
    """The paper ``pk`` of the group ``slug``, of which ``user`` is a member."""
    papers = Paper.objects.select_related("group").annotate(
        role=_role_in(user, "group"), asking=_join_request_count("group")
    )
    paper = _found_or_404(papers.filter(group__slug=slug, pk=pk).first())
    _set_viewer_or_404(paper.group, user, paper.role, paper.asking)
    return paper


def joined_paper_for(user: User, slug: str, pk: int) -> Paper:
    """The paper ``pk``: a superuser who is not a member of its group gets a 403."""
    paper = paper_for(user, slug, pk)
    _require(paper.group.viewer.is_member)
    return paper


def organised_paper_for(user: User, slug: str, pk: int) -> Paper:
    """The paper ``pk`` of the group ``slug``, which ``user`` organises."""
    paper = paper_for(user, slug, pk)
    _require(paper.group.viewer.may_organise)
    return paper


def editable_paper_for(user: User, slug: str, pk: int) -> Paper:
    """The paper ``pk``, whose texts ``user`` may correct."""
    paper = paper_for(user, slug, pk)
    _require(paper.group.viewer.may_edit_paper(paper))
    return paper


def own_proposal_for(user: User, slug: str, pk: int) -> Paper:
    """The paper ``pk``, which ``user`` proposed."""
    paper = paper_for(user, slug, pk)
    _require(paper.group.viewer.may_withdraw_paper(paper))
    return paper


def comment_for(user: User, slug: str, pk: int) -> Comment:
    """The comment ``pk`` on a paper of the group ``slug``, of which ``user`` is a member."""
    comments = Comment.objects.select_related("paper__group", "user").annotate(
        role=_role_in(user, "paper__group"), asking=_join_request_count("paper__group")
    )
    comment = _found_or_404(comments.filter(paper__group__slug=slug, pk=pk).first())
    _set_viewer_or_404(comment.paper.group, user, comment.role, comment.asking)
    return comment


def own_comment_for(user: User, slug: str, pk: int) -> Comment:
    """The comment ``pk``, which ``user`` wrote and may edit."""
    comment = comment_for(user, slug, pk)
    _require(comment.paper.group.viewer.may_edit_comment(comment))
    return comment


def managed_comment_for(user: User, slug: str, pk: int) -> Comment:
    """The comment ``pk``, which ``user`` may remove: their own, or any for an organiser."""
    comment = comment_for(user, slug, pk)
    _require(comment.paper.group.viewer.may_remove_comment(comment))
    return comment


def restorable_comment_for(user: User, slug: str, pk: int) -> Comment:
    """The comment ``pk``, which ``user`` removed and may restore."""
    comment = comment_for(user, slug, pk)
    _require(comment.paper.group.viewer.may_restore_comment(comment))
    return comment


def discussion_for(user: User, slug: str, pk: int) -> Discussion:
    """The discussion ``pk`` of the group ``slug``, of which ``user`` is a member."""
    discussions = Discussion.objects.select_related("group", "created_by").annotate(
        role=_role_in(user, "group"), asking=_join_request_count("group")
    )
    discussion = _found_or_404(discussions.filter(group__slug=slug, pk=pk).first())
    _set_viewer_or_404(discussion.group, user, discussion.role, discussion.asking)
    return discussion


def joined_discussion_for(user: User, slug: str, pk: int) -> Discussion:
    """The discussion ``pk``: a superuser who is not a member of its group gets a 403."""
    discussion = discussion_for(user, slug, pk)
    _require(discussion.group.viewer.is_member)
    return discussion


def run_discussion_for(user: User, slug: str, pk: int) -> Discussion:
    """The discussion ``pk``, which ``user`` may change."""
    discussion = discussion_for(user, slug, pk)
    _require(discussion.group.viewer.may_run(discussion))
    return discussion


def concluding_discussion_for(user: User, slug: str, pk: int) -> Discussion:
    """The discussion ``pk``, whose outcomes ``user`` may record."""
    discussion = discussion_for(user, slug, pk)
    _require(discussion.group.viewer.may_conclude(discussion))
    return discussion


def agenda_item_for(user: User, slug: str, pk: int) -> AgendaItem:
    """The item ``pk`` on an agenda of the group ``slug``; its discussion as `discussion_for`."""
    items = AgendaItem.objects.select_related("paper", "presenter")
    item = _found_or_404(items.filter(pk=pk).first())
    item.discussion = discussion_for(user, slug, item.discussion_id)
    return item


def joined_agenda_item_for(user: User, slug: str, pk: int) -> AgendaItem:
    """The item ``pk``: a superuser who is not a member of its group gets a 403."""
    item = agenda_item_for(user, slug, pk)
    _require(item.discussion.group.viewer.is_member)
    return item


def run_agenda_item_for(user: User, slug: str, pk: int) -> AgendaItem:
    """The item ``pk`` on the agenda of a discussion that ``user`` may change."""
    item = agenda_item_for(user, slug, pk)
    _require(item.discussion.group.viewer.may_run(item.discussion))
    return item


def organised_row_for(user: User, slug: str, model: type[GroupRow], pk: int) -> GroupRow:
    """The row ``pk`` of ``model``, which belongs to the group ``slug`` that ``user`` organises."""
    group = organised_group_for(user, slug)
    row = _found_or_404(model.objects.filter(group=group, pk=pk).first())
    row.group = group  # it has the viewer
    return row


def own_membership_for(user: User, slug: str) -> Membership:
    """The membership of ``user`` in the group ``slug``."""
    group = group_for(user, slug)
    membership = _found_or_404(user.memberships.filter(group=group).select_related("user").first())
    membership.group = group  # it has the viewer
    return membership


def joinable_group_for(user: User | AnonymousUser, slug: str) -> Group:
    """The group ``slug``, if anyone may ask to join it or ``user`` is a member."""
    group = _found_or_404(Group.objects.filter(slug=slug).first())
    group.viewer = Viewer(user, group, _own_role(user, group))
    if not group.viewer.is_member and not group.anyone_may_ask:
        raise Http404
    return group


def _own_role(user: User | AnonymousUser, group: Group) -> str | None:
    if not user.is_authenticated:
        return None
    return user.memberships.filter(group=group).values_list("role", flat=True).first()


def _role_in(user: User, group: str) -> Subquery:
    """The role of ``user`` in the row's group, NULL for a stranger; ``group``: the path to it."""
    mine = Membership.objects.filter(group=OuterRef(group), user=user)
    return Subquery(mine.values("role"))


def _join_request_count(group: str) -> Subquery:
    """How many people ask to join the row's group; NULL if nobody does."""
    asking = JoinRequest.objects.filter(group=OuterRef(group)).order_by().values("group")
    return Subquery(asking.annotate(number=Count("pk")).values("number"))


def _found_or_404(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row


def _set_viewer_or_404(group: Group, user: User, role: str | None, asking: int | None) -> None:
    if role is None and not user.is_superuser:
        raise Http404
    group.viewer = Viewer(user, group, role, asking or 0)


def _require(is_allowed: bool) -> None:
    if not is_allowed:
        raise PermissionDenied
