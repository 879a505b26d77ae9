"""How people get into a group: by an invitation, or by asking."""

import time
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from papers.models import Invitation, JoinRequest, Membership
from papers.notifications import outbox
from papers.security_log import log_event, log_on_commit
from papers.services.memberships import lock_group, lock_user

Role = Membership.Role
MAX_MAILS_PER_DAY = 200  # of a group: what one person passes on is not for advertising
SESSION_KEY = "invitation"  # the hash of the token whose link was opened, and when
LINK_OPEN_SECONDS = 60 * 60
WRONG_ADDRESS = (
    "This invitation is for another e-mail address than yours. Sign in with the account that has "
    "it, or ask for an invitation to yours."
)


@dataclass(frozen=True, slots=True)
class JoinResult:
    """What came of accepting: a ``problem``, or a ``welcome``; each a sentence."""

    problem: str = ""
    welcome: str = ""


def create_invitation(*, group, role, days, by, uses=1, email="", was_mailed=False):
    """A new invitation and the token of its link, which is kept nowhere: (invitation, token).

    ``days`` from now it ends; ``uses`` people may use it; ``email`` binds it to one address.
    """
    token = Invitation.new_token()
    invitation = Invitation.objects.create(
        group=group,
        role=role,
        uses_left=uses,
        email=email.lower(),
        was_mailed=was_mailed,
        token_hash=Invitation.hash_of(token),
        expires_at=timezone.now() + timedelta(days=days),
        created_by=by,
    )
    log_on_commit(
        "invitation made", user=by.pk, group=group.pk, invitation=invitation.pk, role=role
    )
    return invitation, token


@transaction.atomic
def send_invitations(*, group, role, days, addresses, by, link):
    """Send each of ``addresses`` an invitation of its own; ``link(token)`` makes its address.

    The token is in the mail alone, so whoever opens the link has the address. An earlier one to
    the same address is withdrawn, and who is a member already gets none. Returns the addresses
    that were written to. ValidationError where the group has sent too many today.
    """
    lock_group(group.pk)  # two who send at once count each other's
    members = group.memberships.filter(user__email__in=addresses)
    known = set(members.values_list("user__email", flat=True))
    addresses = [address for address in addresses if address not in known]
    since = timezone.now() - timedelta(days=1)
    sent = group.invitations.filter(was_mailed=True, created_at__gt=since).count()
    if sent + len(addresses) > MAX_MAILS_PER_DAY:
        raise ValidationError(
            f"A group sends {MAX_MAILS_PER_DAY} invitations a day, and this one has sent {sent}: "
            "make a link for the others, or go on tomorrow."
        )
    earlier = group.invitations.usable(timezone.now()).filter(email__in=addresses)
    earlier.update(revoked_at=timezone.now())
    for address in addresses:
        invitation, token = create_invitation(
            group=group, role=role, days=days, by=by, email=address, was_mailed=True
        )
        context = {"group": group, "by": by, "invitation": invitation, "link": link(token)}
        outbox.queue_from_template(
            "invitation", to=address, context=context, key=f"invitation:{invitation.pk}"
        )
    return addresses


def remember_invitation(session, token):
    """Keep in ``session`` that the link with ``token`` was opened, where there is one."""
    token_hash = Invitation.hash_of(token)
    if Invitation.objects.filter(token_hash=token_hash).exists():
        session[SESSION_KEY] = [token_hash, time.time()]


def opened_invitation(session):
    """The invitation whose link was opened in ``session`` of late; None without one.

    It may have ended since. After an hour the link must be opened again: the browser may be
    somebody else's by then.
    """
    token_hash, at = session.get(SESSION_KEY, ("", 0))
    if time.time() - at > LINK_OPEN_SECONDS:
        return None
    rows = Invitation.objects.select_related("group", "created_by")
    return rows.filter(token_hash=token_hash).first()


def usable_opened_invitation(session):
    """`opened_invitation`, where it still lets somebody in; None otherwise."""
    invitation = opened_invitation(session)
    return invitation if invitation and not invitation.problem() else None


def forget_invitation(session):
    """Forget the link that was opened."""
    session.pop(SESSION_KEY, None)


@transaction.atomic
def accept_invitation(invitation, *, by):
    """Let ``by`` into the group, and use the invitation up by one. Returns a ``JoinResult``.

    Who is in already, as no less, is welcome without using it up.
    """
    if not lock_user(by.pk):
        return JoinResult(problem="Your account is not there any more.")
    lock_group(invitation.group_id)  # before it, as everybody does: somebody may be about to leave
    invitation = lock_invitation(invitation.pk)
    group = invitation.group
    membership = group.memberships.filter(user=by).first()
    if membership and (membership.is_organiser or invitation.role == Role.MEMBER):
        return JoinResult(welcome=f"You are in {group} already.")
    if problem := invitation.problem() or _address_problem(invitation, by):
        log_event("invitation refused", user=by.pk, group=group.pk, invitation=invitation.pk)
        return JoinResult(problem=problem)
    _add_member(group, by, invitation.role)
    invitation.uses_left -= 1
    invitation.save(update_fields=["uses_left"])
    log_on_commit(
        "joined", user=by.pk, group=group.pk, invitation=invitation.pk, role=invitation.role
    )
    return JoinResult(welcome=f"Welcome to {group}!")


def lock_invitation(pk):
    """The invitation, and nobody else's until the transaction ends: its last use is one."""
    rows = Invitation.objects.select_related("group").select_for_update(of=["self"])
    return rows.get(pk=pk)


def _address_problem(invitation, user):
    """Why ``user`` is not the one whom a bound invitation means; "" where they are."""
    if not invitation.email:
        return ""
    verified = EmailAddress.objects.filter(user=user, verified=True)
    addresses = {address.lower() for address in verified.values_list("email", flat=True)}
    return "" if invitation.email in addresses else WRONG_ADDRESS


def _add_member(group, user, role):
    """Make ``user`` a member in ``role``, and no less than they are; a request is granted so."""
    membership, is_new = group.memberships.get_or_create(user=user, defaults={"role": role})
    if not is_new and role == Role.ORGANISER:
        membership.role = role
        membership.save(update_fields=["role"])
    group.join_requests.filter(user=user).delete()


def revoke_invitation(invitation, *, by):
    """Withdraw the invitation: its link lets nobody in any more."""
    rows = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
    if rows.update(revoked_at=timezone.now()):
        log_on_commit(
            "invitation revoked", user=by.pk, group=invitation.group_id, invitation=invitation.pk
        )


@transaction.atomic
def request_to_join(*, group, by, message, link):
    """Ask to be let into ``group``; its organisers are told, once a day, and answer at ``link``."""
    request, is_new = JoinRequest.objects.update_or_create(
        group=group, user=by, defaults={"message": message}
    )
    if not is_new:
        return
    log_on_commit("asked to join", user=by.pk, group=group.pk)
    for membership in group.memberships.organisers().select_related("user"):
        if membership.user.email:
            context = {"group": group, "request": request, "link": link}
            asked = f"{timezone.localdate()}:{group.pk}:{by.pk}"
            key = f"join-request:{asked}:{membership.user_id}"
            outbox.queue_from_template(
                "join_request", to=membership.user.email, context=context, key=key
            )


@transaction.atomic
def accept_request(request, *, by, link):
    """Let in who asked, and tell them; ``link`` leads to the group.

    ValidationError where they do not ask any more.
    """
    group, user = request.group, request.user
    lock_user(user.pk)
    lock_group(group.pk)
    if not JoinRequest.objects.select_for_update().filter(pk=request.pk).exists():
        raise ValidationError(f"{user} does not ask to join any more.")
    _add_member(group, user, Role.MEMBER)
    log_on_commit("admitted", user=by.pk, group=group.pk, member=user.pk)
    if user.email:
        context, key = {"group": group, "link": link}, f"admitted:{request.pk}"
        outbox.queue_from_template("admitted", to=user.email, context=context, key=key)


def decline_request(request, *, by):
    """Do not let in who asked; they may ask again."""
    log_on_commit("declined", user=by.pk, group=request.group_id, member=request.user_id)
    request.delete()
