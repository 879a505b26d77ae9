"""Adding members, changing roles, ending memberships, and deleting accounts.

A group with members keeps an organiser: each act on memberships locks the group, so that two
organisers who leave at once take turns. Locks are taken in one order: the user if the account may
be deleted, their groups, then the rows of the groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from papers.models import (
    Comment,
    CommentRevision,
    Group,
    Invitation,
    Listing,
    Mail,
    Membership,
    Paper,
    User,
)
from papers.security_log import log_on_commit
from papers.services import deletion, publishing, rsvps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from papers.models.groups import MembershipQuerySet


@transaction.atomic
def add_member(*, group: Group, user: User, role: str, by: User) -> Membership:
    """Add ``user`` to the group without an invitation. Their request to join, if any, is answered.

    Raises ValidationError if they are a member already, or if the account is deactivated or gone.
    """
    account = lock_user(user.pk)
    if account is None or not account.is_active:
        raise ValidationError(f"The account of {user} is deactivated.")
    lock_group(group.pk)
    if group.memberships.filter(user=user).exists():
        raise ValidationError(f"{user} is a member of {group} already.")
    membership = group.memberships.create(user=user, role=role)
    group.join_requests.filter(user=user).delete()
    log_on_commit("member added", user=by.pk, group=group.pk, member=user.pk, role=role)
    return membership


@transaction.atomic
def make_organiser(*, group: Group, user: User) -> None:
    """Make ``user``, a superuser or an organiser already, an organiser of the group."""
    lock_user(user.pk)
    lock_group(group.pk)
    membership, is_new = group.memberships.get_or_create(
        user=user, defaults={"role": Membership.Role.ORGANISER}
    )
    if is_new:
        group.join_requests.filter(user=user).delete()
        log_on_commit("joined", user=user.pk, group=group.pk, role=membership.role)
    elif not membership.is_organiser:
        set_role(membership=membership, role=Membership.Role.ORGANISER, by=user)


@transaction.atomic
def set_role(*, membership: Membership, role: str, by: User) -> None:
    """Set the role of a member. Raises ValidationError if the last organiser steps down."""
    membership = _lock_membership(membership)
    steps_down = membership.is_organiser and role != Membership.Role.ORGANISER
    if steps_down and not _has_other_organiser(membership):
        raise ValidationError("A group needs an organiser. Make another member an organiser first.")
    membership.role = role
    membership.save(update_fields=["role"])
    if steps_down:
        _revoke_known_invitations(membership, by)
    log_on_commit(
        "role set", user=by.pk, group=membership.group_id, member=membership.user_id, role=role
    )


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """End a membership, because the member leaves or is removed. What they wrote stays.

    Raises ValidationError for the last organiser of a group that has other members.
    """
    membership = _lock_membership(membership)
    if _is_indispensable(membership):
        raise ValidationError(
            f"{membership.user} is the last organiser of {membership.group}. "
            "Make another member an organiser first."
        )
    _revoke_known_invitations(membership, by)
    rsvps.withdraw_from_discussions(user=membership.user, groups=[membership.group])
    membership.delete()
    log_on_commit("left", user=by.pk, group=membership.group_id, member=membership.user_id)


def _revoke_known_invitations(membership: Membership, by: User) -> None:
    """Revoke the invitations that a member who leaves, or steps down, could come back with.

    These are their own; if ``by`` is somebody else, also all that are not bound to another person,
    because the member may know the link. If no organiser would be left, all are revoked.
    """
    invitations = membership.group.invitations.usable(timezone.now())
    if _has_other_organiser(membership):
        known = Q(created_by=membership.user)
        if by != membership.user:
            known |= Q(email="") | Q(email__in=membership.user.all_addresses())
        invitations = invitations.filter(known)
    invitations.update(revoked_at=timezone.now())


@transaction.atomic
def delete_account(*, user: User, keep_writings: bool) -> None:
    """Delete the account of ``user`` and their personal data.

    Their contributions to groups stay, without a name; unless ``keep_writings``, only those that
    others have built on. Raises ValidationError if a group would be left without an organiser, or
    the installation without a superuser.
    """
    lock_user(user.pk)
    lock_groups_of(user)
    if problem := why_not_delete(user):
        raise ValidationError(problem)
    memberships = list(user.memberships.select_related("group", "user"))
    for membership in memberships:
        _revoke_known_invitations(membership, user)
    rsvps.withdraw_from_discussions(user=user, groups=[row.group for row in memberships])
    if not keep_writings:
        _remove_writings(user)
    _erase_traces(user, memberships)
    publishing.raise_for_presenter(user)  # presentations of the past go to `former_member`
    log_on_commit("account deleted", user=user.pk)
    user.delete()


@transaction.atomic
def deactivate_account(*, user: User) -> None:
    """Deactivate the account of ``user``, and withdraw them from upcoming meetings."""
    lock_user(user.pk)
    rsvps.withdraw_from_discussions(user=user, groups=lock_groups_of(user))
    User.objects.filter(pk=user.pk).update(is_active=False)


def _remove_writings(user: User) -> None:
    """Delete what ``user`` wrote. A comment is emptied, and its row stays for the replies to it."""
    for listing in Listing.objects.filter(created_by=user):
        if listing.is_deletable:
            listing.delete()
    Comment.mentions.through.objects.filter(comment__user=user).delete()
    user.comments.update(
        body="",
        is_question=False,
        edited_at=None,
        removed_at=timezone.now(),
        removed_by=user,  # nobody else can restore it
        removal_reason="",
    )
    CommentRevision.objects.filter(comment__user=user).delete()
    deletion.delete_unused_proposals(user)


def why_not_delete(user: User) -> str:
    """Why the account of ``user`` cannot be deleted now, as a sentence; "" if it can."""
    memberships = user.memberships.select_related("group", "user")
    if needed := [str(row.group) for row in memberships if _is_indispensable(row)]:
        groups = ", ".join(needed)
        return (
            f"You are the last organiser of {groups}. Make another member an organiser first, "
            "on the Members page."
        )
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        return "You are the last superuser. Make somebody else a superuser first."
    return ""


def _erase_traces(user: User, memberships: Iterable[Membership]) -> None:
    """Delete the name and the addresses of ``user`` from rows that do not refer to the account."""
    sessions = UserSession.objects.filter(user=user).values("session_key")
    Session.objects.filter(session_key__in=sessions).delete()
    addresses = user.all_addresses()
    Invitation.objects.filter(email__in=addresses).delete()
    for address in addresses:
        Mail.objects.filter(to__iexact=address).delete()
    erased: dict[type[User | Membership], list[int]] = {
        User: [user.pk],
        Membership: [row.pk for row in memberships],
    }
    for model, ids in erased.items():
        entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        entries.filter(object_id__in=map(str, ids)).update(object_repr="a former member")


def lock_user(pk: int) -> User | None:
    """Lock the account until the transaction ends; None if it was deleted.

    Rows that others write can still refer to it meanwhile.
    """
    return User.objects.select_for_update(no_key=True).filter(pk=pk).first()


def lock_groups_of(user: User) -> list[Group]:
    """Lock the groups to which ``user`` belongs or contributed, in the order of their ids."""
    is_related = Q(pk__in=user.memberships.values("group"))
    contributions: list[QuerySet[Listing] | QuerySet[Paper]] = [
        Listing.objects.filter(created_by=user),
        Paper.objects.filter(proposed_by=user),
    ]
    for rows in contributions:
        is_related |= Q(pk__in=rows.order_by().values("group"))
    return list(Group.objects.filter(is_related).order_by("pk").select_for_update())


def _lock_membership(membership: Membership) -> Membership:
    """Lock the group until the transaction ends. Returns the current row of the membership."""
    lock_group(membership.group_id)
    rows = Membership.objects.select_related("group", "user")
    current = rows.filter(pk=membership.pk).first()
    if current is None:
        raise ValidationError("This person is no longer in the group.")
    return current


def lock_group(pk: int) -> Group:
    """Lock the group until the transaction ends."""
    return Group.objects.select_for_update().get(pk=pk)


def _other_members(membership: Membership) -> MembershipQuerySet:
    """The other members of the group with active accounts."""
    rows = Membership.objects.filter(group=membership.group_id, user__is_active=True)
    return rows.exclude(pk=membership.pk)


def _has_other_organiser(membership: Membership) -> bool:
    """Whether the group has another organiser."""
    return _other_members(membership).organisers().exists()


def _is_indispensable(membership: Membership) -> bool:
    """Whether the group has other members, but no other organiser."""
    needs = membership.is_organiser and _other_members(membership).exists()
    return needs and not _has_other_organiser(membership)
