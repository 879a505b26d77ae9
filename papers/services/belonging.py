"""How people change what they are in a group, leave it, and leave altogether.

A group that has members keeps an organiser: each act here holds the lock of its group, so that two
organisers who leave at once do so one after the other.
"""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction

from papers.events import tell
from papers.models import Group, Listing, Mail, Membership, User


@transaction.atomic
def set_role(membership, role, *, by):
    """Make the member an organiser, or no longer. ValidationError for the last organiser."""
    membership = _locked(membership)
    steps_down = membership.is_organiser and role != Membership.Role.ORGANISER
    if steps_down and not _others_run(membership):
        raise ValidationError("A group needs an organiser: make somebody else one first.")
    membership.role = role
    membership.save(update_fields=["role"])
    tell("role set", user=by.pk, group=membership.group_id, member=membership.user_id, role=role)


@transaction.atomic
def end(membership, *, by):
    """The member leaves, or is removed; what they wrote stays.

    ValidationError for the last organiser of a group that has other members.
    """
    membership = _locked(membership)
    if _is_needed(membership):
        raise ValidationError(
            f"{membership.user} is the last organiser of {membership.group}: "
            "make somebody else one first."
        )
    membership.delete()
    tell("left", user=by.pk, group=membership.group_id, member=membership.user_id)


@transaction.atomic
def delete_account(user, *, keep_writings):
    """Delete the account of ``user`` and what is personal in it.

    What they gave to groups stays, and nobody's name is on it; without ``keep_writings`` what
    they uploaded goes, where no paper came of it. ValidationError where a group or the
    installation would be left without anybody to run it.
    """
    lock_groups(user)
    memberships = user.memberships.select_related("group", "user")
    needed = [str(membership.group) for membership in memberships if _is_needed(membership)]
    if needed:
        raise ValidationError(
            f"You are the last organiser of {', '.join(needed)}: make somebody else one first."
        )
    _refuse_last_superuser(user)
    if not keep_writings:
        for listing in Listing.objects.filter(created_by=user):
            if listing.is_deletable:
                listing.delete()
    sessions = UserSession.objects.filter(user=user).values("session_key")
    Session.objects.filter(session_key__in=sessions).delete()
    Mail.objects.filter(to__iexact=user.email).delete()
    tell("account deleted", user=user.pk)
    user.delete()


def lock_groups(user):
    """Hold the groups of ``user``, in the order of locking, until the transaction ends."""
    groups = Group.objects.filter(pk__in=user.memberships.values("group")).order_by("pk")
    return list(groups.select_for_update())


def _locked(membership):
    """The membership as it is now, and its group held until the transaction ends."""
    lock_group(membership.group_id)
    return Membership.objects.select_related("group", "user").get(pk=membership.pk)


def lock_group(pk):
    """Hold the group until the transaction ends."""
    return Group.objects.select_for_update().get(pk=pk)


def _others(membership):
    """The other members of its group whose accounts work."""
    rows = Membership.objects.filter(group=membership.group_id, user__is_active=True)
    return rows.exclude(pk=membership.pk)


def _others_run(membership):
    """Whether its group has an organiser without it."""
    return _others(membership).organisers().exists()


def _is_needed(membership):
    """Whether its group has members whom nobody else would organise."""
    needs = membership.is_organiser and _others(membership).exists()
    return needs and not _others_run(membership)


def _refuse_last_superuser(user):
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        raise ValidationError("You are the last superuser here: make somebody else one first.")
