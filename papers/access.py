"""Who may see and touch which row: fetching the row and checking the right are one call.

A stranger gets the same 404 as for a row that does not exist. A member who asks for what organisers
do gets a 403. What is returned says what else the user may do, ``group.may_organise`` and
``group.is_mine`` (a superuser may see all groups, but takes part in their own), and what waits for
who may: ``group.asking``, the number of people who ask to join.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404

from papers.models import AgendaItem, Comment, Discussion, Group, JoinRequest, Membership, Paper


def group_for(user, slug):
    """The group ``slug``, of which ``user`` is a member."""
    groups = Group.objects.annotate(
        role=_role_in(user, "pk"), number_asking=_join_request_count("pk")
    )
    group = _first_or_404(groups.filter(slug=slug))
    return _set_rights_or_404(group, group, user)


def joined_group_for(user, slug):
    """The group ``slug``, of which ``user`` is a member: a superuser from outside gets a 403."""
    return _member_or_403(group_for(user, slug))


def organised_group_for(user, slug):
    """The group ``slug``, which ``user`` organises."""
    return _organiser_or_403(group_for(user, slug))


def paper_for(user, slug, pk):
    """The paper ``pk`` of the group ``slug``, of which ``user`` is a member."""
    papers = Paper.objects.select_related("group")
    papers = papers.annotate(
        role=_role_in(user, "group"), number_asking=_join_request_count("group")
    )
    paper = _first_or_404(papers.filter(group__slug=slug, pk=pk))
    _set_rights_or_404(paper.group, paper, user)
    return paper


def joined_paper_for(user, slug, pk):
    """The paper ``pk`` of the group ``slug``, of which ``user`` is a member, as above."""
    paper = paper_for(user, slug, pk)
    _member_or_403(paper.group)
    return paper


def organised_paper_for(user, slug, pk):
    """The paper ``pk`` of the group ``slug``, which ``user`` organises."""
    paper = paper_for(user, slug, pk)
    _organiser_or_403(paper.group)
    return paper


def editable_paper_for(user, slug, pk):
    """The paper ``pk`` of the group ``slug``, whose texts ``user`` may correct."""
    return _allowed_or_403(paper_for(user, slug, pk), user, may_edit_paper)


def own_proposal_for(user, slug, pk):
    """The paper ``pk`` of the group ``slug``, which ``user`` proposed."""
    return _allowed_or_403(paper_for(user, slug, pk), user, may_withdraw_paper)


def may_edit_paper(user, paper):
    """Whether ``user`` may correct ``paper``: who proposed it while it is open, and organisers."""
    is_open = paper.status == Paper.Status.OPEN
    return paper.group.may_organise or (is_open and may_withdraw_paper(user, paper))


def may_withdraw_paper(user, paper):
    """Whether ``paper`` is for ``user`` to take back, who proposed it, while nothing hinders."""
    return paper.group.is_mine and paper.proposed_by_id == user.pk


def comment_for(user, slug, pk):
    """The comment ``pk`` on a paper of the group ``slug``, of which ``user`` is a member."""
    comments = Comment.objects.select_related("paper__group", "user")
    comments = comments.annotate(
        role=_role_in(user, "paper__group"), number_asking=_join_request_count("paper__group")
    )
    comment = _first_or_404(comments.filter(paper__group__slug=slug, pk=pk))
    _set_rights_or_404(comment.paper.group, comment, user)
    return comment


def own_comment_for(user, slug, pk):
    """The comment ``pk``, which ``user`` wrote and may edit."""
    return _allowed_or_403(comment_for(user, slug, pk), user, may_edit_comment)


def managed_comment_for(user, slug, pk):
    """The comment ``pk``, which ``user`` may remove: one of theirs, or any, for an organiser."""
    return _allowed_or_403(comment_for(user, slug, pk), user, may_remove_comment)


def restorable_comment_for(user, slug, pk):
    """The comment ``pk``, which ``user`` removed, and may bring back."""
    return _allowed_or_403(comment_for(user, slug, pk), user, may_restore_comment)


def may_edit_comment(user, comment):
    """Whether ``user`` may change the text of ``comment``, whose group says what they may."""
    return comment.paper.group.is_mine and comment.user_id == user.pk


def may_remove_comment(user, comment):
    """Whether ``user`` may remove ``comment``, and say that it is to be asked at the meeting."""
    group = comment.paper.group
    return group.is_mine and (group.may_organise or comment.user_id == user.pk)


def may_restore_comment(user, comment):
    """Whether ``user`` may take back that ``comment`` was removed: it was they who did it.

    Of one that was not removed they may say so, too: they clicked twice.
    """
    did_so = comment.removed_at is None or comment.removed_by_id == user.pk
    return did_so and may_remove_comment(user, comment)


def scheduling_group_for(user, slug):
    """The group ``slug``, in which ``user`` may make meetings and date polls."""
    group = group_for(user, slug)
    if not may_schedule(group):
        raise PermissionDenied
    return group


def may_schedule(group):
    """Whether who ``group`` was fetched for may make meetings: organisers, or any member."""
    return group.may_organise or (group.is_mine and group.anyone_may_schedule)


def discussion_for(user, slug, pk):
    """The discussion ``pk`` of the group ``slug``, of which ``user`` is a member.

    ``discussion.may_run``: whether ``user`` may change it, too.
    """
    discussions = Discussion.objects.select_related("group", "created_by")
    discussions = discussions.annotate(
        role=_role_in(user, "group"), number_asking=_join_request_count("group")
    )
    discussion = _first_or_404(discussions.filter(group__slug=slug, pk=pk))
    _set_rights_or_404(discussion.group, discussion, user)
    discussion.may_run = may_run(user, discussion)
    return discussion


def joined_discussion_for(user, slug, pk):
    """The discussion ``pk`` of the group ``slug``, of which ``user`` is a member, as above."""
    discussion = discussion_for(user, slug, pk)
    _member_or_403(discussion.group)
    return discussion


def run_discussion_for(user, slug, pk):
    """The discussion ``pk`` of the group ``slug``, which ``user`` may change."""
    return _allowed_or_403(discussion_for(user, slug, pk), user, may_run)


def may_run(user, discussion):
    """Whether ``user`` may change ``discussion``: organisers, and who made it where they may."""
    group = discussion.group
    return group.may_organise or (may_schedule(group) and discussion.created_by_id == user.pk)


def concluding_discussion_for(user, slug, pk):
    """The discussion ``pk`` of the group ``slug``, of which ``user`` may say what came of it."""
    return _allowed_or_403(discussion_for(user, slug, pk), user, may_conclude)


def may_conclude(user, discussion):
    """Whether ``user`` may say what came of ``discussion``: who runs it, and its presenters."""
    if may_run(user, discussion):
        return True
    presents = discussion.agenda.filter(presenter=user, is_confirmed=True)
    return discussion.group.is_mine and presents.exists()


def agenda_item_for(user, slug, pk):
    """The item ``pk`` on the agenda of a discussion of the group ``slug``, as `discussion_for`."""
    item = _first_or_404(AgendaItem.objects.select_related("paper", "presenter").filter(pk=pk))
    item.discussion = discussion_for(user, slug, item.discussion_id)
    return item


def joined_agenda_item_for(user, slug, pk):
    """The item ``pk`` on an agenda of the group ``slug``, of which ``user`` is a member."""
    item = agenda_item_for(user, slug, pk)
    _member_or_403(item.discussion.group)
    return item


def run_agenda_item_for(user, slug, pk):
    """The item ``pk`` on the agenda of a discussion that ``user`` may change."""
    item = agenda_item_for(user, slug, pk)
    _allowed_or_403(item.discussion, user, may_run)
    return item


def organised_row_for(user, slug, model, pk):
    """The row ``pk`` of ``model``, which belongs to the group ``slug`` that ``user`` organises."""
    group = organised_group_for(user, slug)
    row = _first_or_404(model.objects.filter(group=group, pk=pk))
    row.group = group  # which knows what the user may
    return row


def own_membership_for(user, slug):
    """The membership of ``user`` in the group ``slug``."""
    group = group_for(user, slug)
    membership = _first_or_404(user.memberships.filter(group=group).select_related("user"))
    membership.group = group
    return membership


def joinable_group_for(user, slug):
    """The group ``slug``, where anyone may ask to join it or ``user`` is in it: ``is_mine``.

    ``user`` may be anonymous.
    """
    group = _first_or_404(Group.objects.filter(slug=slug))
    group.is_mine = user.is_authenticated and user.memberships.filter(group=group).exists()
    if not group.is_mine and not group.anyone_may_ask:
        raise Http404
    return group


def _role_in(user, group):
    """The role of ``user`` in the row's group, NULL for a stranger."""
    mine = Membership.objects.filter(group=OuterRef(group), user=user)
    return Subquery(mine.values("role"))


def _join_request_count(group):
    """How many people ask to join the row's group; NULL where nobody does."""
    asking = JoinRequest.objects.filter(group=OuterRef(group)).order_by().values("group")
    return Subquery(asking.annotate(number=Count("pk")).values("number"))


def _first_or_404(rows):
    row = rows.first()
    if row is None:
        raise Http404
    return row


def _set_rights_or_404(group, row, user):
    """``group``, as ``row`` (itself, or of it) says that ``user`` may see it."""
    if row.role is None and not user.is_superuser:
        raise Http404
    group.is_mine = row.role is not None
    group.may_organise = user.is_superuser or row.role == Membership.Role.ORGANISER
    group.asking = row.number_asking or 0
    return group


def _allowed_or_403(row, user, may):
    if not may(user, row):
        raise PermissionDenied
    return row


def _member_or_403(group):
    if not group.is_mine:
        raise PermissionDenied
    return group


def _organiser_or_403(group):
    if not group.may_organise:
        raise PermissionDenied
    return group
