"""The set-up steps of a new group, as its home page shows them to its organiser."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from papers.models import Group, Invitation, Listing, Membership, Paper


@dataclass(frozen=True, slots=True)
class SetupSteps:
    """Which steps of the set-up of a group are done."""

    has_basics: bool  # name, time zone and usual hour were saved once
    am_organiser: bool
    has_invited: bool  # or has another member already
    has_papers: bool  # or a listing of them

    @property
    def are_done(self) -> bool:
        return all((self.has_basics, self.am_organiser, self.has_invited, self.has_papers))


def steps_to_show(group: Group) -> SetupSteps | None:
    """The steps for the viewer of ``group``; None if all are done, dismissed, or not theirs.

    They are for organisers; for a superuser who is not a member only while there is no organiser.
    Two queries at most, and none once the steps are dismissed.
    """
    viewer = group.viewer
    if group.set_up_dismissed_at or not viewer.may_organise:
        return None
    if not viewer.is_member and group.memberships.organisers().exists():
        return None
    steps = _read_steps(group)
    return None if steps.are_done else steps


def _read_steps(group: Group) -> SetupSteps:
    others = Membership.objects.filter(group=OuterRef("pk")).exclude(user=group.viewer.user)
    rows = Group.objects.filter(pk=group.pk).values_list(
        Exists(others) | Exists(Invitation.objects.filter(group=OuterRef("pk"))),
        Exists(Listing.objects.filter(group=OuterRef("pk")))
        | Exists(Paper.objects.filter(group=OuterRef("pk"))),
    )
    has_invited, has_papers = rows.get()
    return SetupSteps(
        has_basics=group.set_up_at is not None,
        am_organiser=group.viewer.role == Membership.Role.ORGANISER,
        has_invited=has_invited,
        has_papers=has_papers,
    )
