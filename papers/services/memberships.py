"""How people change what they are in a group, leave it, and leave altogether.

A group that has members keeps an organiser: each act on memberships holds the lock of the group, so
that two organisers who leave at once do so one after the other. Locks are taken in one order: the
person where an account may go, their groups, and what the groups have.
"""

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
from papers.services import deletion, rsvps


@transaction.atomic
def set_role(membership, role, *, by):
    """Make the member an organiser, or no longer. ValidationError for the last organiser."""
    membership = _lock_membership(membership)
    steps_down = membership.is_organiser and role != Membership.Role.ORGANISER
    if steps_down and not _has_other_organiser(membership):
        raise ValidationError("A group needs an organiser: make somebody else one first.")
    membership.role = role
    membership.save(update_fields=["role"])
    if steps_down:
        _revoke_known_invitations(membership, by)
    log_on_commit(
        "role set", user=by.pk, group=membership.group_id, member=membership.user_id, role=role
    )


@transaction.atomic
def end_membership(membership, *, by):
    """The member leaves, or is removed; what they wrote stays.

    ValidationError for the last organiser of a group that has other members.
    """
    membership = _lock_membership(membership)
    if _is_indispensable(membership):
        raise ValidationError(
            f"{membership.user} is the last organiser of {membership.group}: "
            "make somebody else one first."
        )
    _revoke_known_invitations(membership, by)
    rsvps.withdraw_from_discussions(user=membership.user, groups=[membership.group])
    membership.delete()
    log_on_commit("left", user=by.pk, group=membership.group_id, member=membership.user_id)


def _revoke_known_invitations(membership, by):
    """Withdraw the invitations that whoever goes, or steps down, could come back by.

    Theirs; where ``by`` is somebody else also each that is not bound to another person: they may
    know its link. All, where nobody would be left to run the group.
    """
    invitations = membership.group.invitations.usable(timezone.now())
    if _has_other_organiser(membership):
        known = Q(created_by=membership.user)
        if by != membership.user:
            known |= Q(email="") | Q(email__in=membership.user.all_addresses())
        invitations = invitations.filter(known)
    invitations.update(revoked_at=timezone.now())


@transaction.atomic
def delete_account(user, *, keep_writings):
    """Delete the account of ``user`` and what is personal in it.

    What they gave to groups stays, and nobody's name is on it; without ``keep_writings`` only what
    others have built on. ValidationError where a group or the installation would be left without
    anybody to run it.
    """
    lock_user(user.pk)
    lock_groups_of(user)
    if problem := why_not_delete(user):
        raise ValidationError(problem)
    memberships = list(user.memberships.select_related("group", "user"))
    for membership in memberships:
        _revoke_known_invitations(membership, user)
    rsvps.withdraw_from_discussions(user=user, groups=[one.group for one in memberships])
    if not keep_writings:
        _remove_writings(user)
    _erase_traces(user, memberships)
    log_on_commit("account deleted", user=user.pk)
    user.delete()


@transaction.atomic
def deactivate_account(user):
    """Close the account of ``user``, who can come back; until then they come to no meeting."""
    lock_user(user.pk)
    rsvps.withdraw_from_discussions(user=user, groups=lock_groups_of(user))
    User.objects.filter(pk=user.pk).update(is_active=False)


def _remove_writings(user):
    """Take away what ``user`` wrote: of a comment its place stays, for what was replied to it."""
    for listing in Listing.objects.filter(created_by=user):
        if listing.is_deletable:
            listing.delete()
    Comment.mentions.through.objects.filter(comment__user=user).delete()
    user.comments.update(
        body="",
        is_question=False,
        edited_at=None,
        removed_at=timezone.now(),
        removed_by=user,  # nobody else can bring it back
        removal_reason="",
    )
    CommentRevision.objects.filter(comment__user=user).delete()
    deletion.delete_unused_proposals(user)


def why_not_delete(user):
    """Why the account of ``user`` has to stay for now, as a sentence; "" where it may go."""
    memberships = user.memberships.select_related("group", "user")
    if needed := [str(one.group) for one in memberships if _is_indispensable(one)]:
        return f"You are the last organiser of {', '.join(needed)}: make somebody else one first."
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        return "You are the last superuser here: make somebody else one first."
    return ""


def _erase_traces(user, memberships):
    """Take the name and the addresses of ``user`` out of what has no link to the account."""
    sessions = UserSession.objects.filter(user=user).values("session_key")
    Session.objects.filter(session_key__in=sessions).delete()
    addresses = user.all_addresses()
    Invitation.objects.filter(email__in=addresses).delete()
    for address in addresses:
        Mail.objects.filter(to__iexact=address).delete()
    for model, ids in ((User, [user.pk]), (Membership, [one.pk for one in memberships])):
        about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        about.filter(object_id__in=map(str, ids)).update(object_repr="a former member")


def lock_user(pk):
    """Hold the account until the transaction ends; None where it is gone.

    What others write may still refer to it meanwhile.
    """
    return User.objects.select_for_update(no_key=True).filter(pk=pk).first()


def lock_groups_of(user):
    """Hold the groups of ``user``, in the order of locking, until the transaction ends."""
    theirs = Q(pk__in=user.memberships.values("group"))
    for given in (Listing.objects.filter(created_by=user), Paper.objects.filter(proposed_by=user)):
        theirs |= Q(pk__in=given.order_by().values("group"))
    return list(Group.objects.filter(theirs).order_by("pk").select_for_update())


def _lock_membership(membership):
    """The membership as it is now, and its group held until the transaction ends."""
    lock_group(membership.group_id)
    found = Membership.objects.select_related("group", "user").filter(pk=membership.pk).first()
    if found is None:
        raise ValidationError("They are not in the group any more.")
    return found


def lock_group(pk):
    """Hold the group until the transaction ends."""
    return Group.objects.select_for_update().get(pk=pk)


def _other_members(membership):
    """The other members of its group whose accounts work."""
    rows = Membership.objects.filter(group=membership.group_id, user__is_active=True)
    return rows.exclude(pk=membership.pk)


def _has_other_organiser(membership):
    """Whether its group has an organiser without it."""
    return _other_members(membership).organisers().exists()


def _is_indispensable(membership):
    """Whether its group has members whom nobody else would organise."""
    needs = membership.is_organiser and _other_members(membership).exists()
    return needs and not _has_other_organiser(membership)
