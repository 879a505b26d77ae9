"""The rights of one user in one group. `papers.access` gives each group its `Viewer`."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from papers.models import Comment, Discussion, Group, Membership, Paper, User


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in user in one group: their role, and what they may do.

    A superuser sees and organises every group, but is a member only of their own.
    """

    user: User | AnonymousUser
    group: Group
    role: str | None  # a `Membership.Role`; None: not a member
    join_request_count: int = 0  # people who ask to join

    @property
    def is_member(self) -> bool:
        return self.role is not None

    @property
    def may_organise(self) -> bool:
        return self.user.is_superuser or self.role == Membership.Role.ORGANISER

    @property
    def may_schedule(self) -> bool:
        """Whether they may create meetings and date polls: organisers, or any member."""
        return self.may_organise or (self.is_member and self.group.anyone_may_schedule)

    def may_run(self, discussion: Discussion) -> bool:
        """Whether they may change it: organisers, and its creator if they may still schedule."""
        is_theirs = discussion.created_by_id == self.user.pk
        return self.may_organise or (self.may_schedule and is_theirs)

    def may_conclude(self, discussion: Discussion) -> bool:
        """Whether they may record its outcomes: those who run it, and its presenters."""
        if self.may_run(discussion):
            return True
        presents = discussion.agenda.filter(presenter_id=self.user.pk, is_confirmed=True)
        return self.is_member and presents.exists()

    def may_edit_paper(self, paper: Paper) -> bool:
        """Whether they may correct it: organisers, and its proposer while it is open."""
        is_open = paper.status == Paper.Status.OPEN
        return self.may_organise or (is_open and self.may_withdraw_paper(paper))

    def may_withdraw_paper(self, paper: Paper) -> bool:
        """Whether they proposed it; `proposing.why_not_withdraw` has the other conditions."""
        return self.is_member and paper.proposed_by_id == self.user.pk

    def may_edit_comment(self, comment: Comment) -> bool:
        return self.is_member and comment.user_id == self.user.pk

    def may_remove_comment(self, comment: Comment) -> bool:
        """Whether they may remove ``comment``, and mark it as a question for the meeting."""
        return self.is_member and (self.may_organise or comment.user_id == self.user.pk)

    def may_restore_comment(self, comment: Comment) -> bool:
        """Whether they removed it; also if it is not removed at all: they clicked twice."""
        is_theirs = comment.removed_at is None or comment.removed_by_id == self.user.pk
        return is_theirs and self.may_remove_comment(comment)
