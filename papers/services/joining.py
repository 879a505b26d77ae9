"""Joining a group: by an invitation, or by asking its organisers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from papers.discussions import times
from papers.models import Invitation, JoinRequest, Membership
from papers.notifications import outbox
from papers.security_log import log_event, log_on_commit
from papers.services.memberships import lock_group, lock_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.contrib.sessions.backends.base import SessionBase

    from papers.models import Group, User

Role = Membership.Role
MAX_MAILS_PER_DAY = 200  # of a group: invitations are not for advertising
SESSION_KEY = "invitation"  # the hash of the token whose link was opened, and when
LINK_OPEN_SECONDS = 60 * 60
WRONG_ADDRESS = (
    "This invitation is for another e-mail address. Sign in with the account that has that "
    "address, or ask for an invitation to yours."
)


@dataclass(frozen=True, slots=True)
class JoinResult:
    """The result of accepting an invitation: a ``problem`` or a ``welcome``, each a sentence."""

    problem: str = ""
    welcome: str = ""


def create_invitation(
    *,
    group: Group,
    role: str,
    days: int,
    by: User,
    uses: int = 1,
    email: str = "",
    was_mailed: bool = False,
) -> tuple[Invitation, str]:
    """Create an invitation. Returns it and the token of its link, which is not stored.

    It expires in ``days``; ``uses`` people may use it; ``email`` binds it to one address.
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
def send_invitations(
    *,
    group: Group,
    role: str,
    days: int,
    addresses: Iterable[str],
    by: User,
    link: Callable[[str], str],
) -> list[str]:
    """Mail each of ``addresses`` an invitation of its own; ``link(token)`` is its URL.

    The token is only in the mail: whoever opens the link receives mail at the address. An earlier
    invitation to the same address is revoked; members get none. Returns the addresses that were
    mailed. Raises ValidationError if the group has sent too many in the last 24 hours.
    """
    lock_group(group.pk)  # two organisers who send at once count each other's mails
    members = group.memberships.filter(user__email__in=addresses)
    known = set(members.values_list("user__email", flat=True))
    addresses = [address for address in addresses if address not in known]
    since = timezone.now() - timedelta(days=1)
    sent = group.invitations.filter(was_mailed=True, created_at__gt=since).count()
    if sent + len(addresses) > MAX_MAILS_PER_DAY:
        raise ValidationError(
            f"A group can send {MAX_MAILS_PER_DAY} invitations a day, and this group has sent "
            f"{sent}. Create a link for the others, or continue tomorrow."
        )
    earlier = group.invitations.usable(timezone.now()).filter(email__in=addresses)
    earlier.update(revoked_at=timezone.now())
    for address in addresses:
        invitation, token = create_invitation(
            group=group, role=role, days=days, by=by, email=address, was_mailed=True
        )
        context = {"group": group, "by": by, "invitation": invitation, "link": link(token)}
        with timezone.override(times.group_zone(group)):
            outbox.queue_from_template(
                "invitation", to=address, context=context, key=f"invitation:{invitation.pk}"
            )
    return addresses


def remember_invitation(session: SessionBase, token: str) -> None:
    """Remember in ``session`` that the link with ``token`` was opened, if there is such a link."""
    token_hash = Invitation.hash_of(token)
    if Invitation.objects.filter(token_hash=token_hash).exists():
        session[SESSION_KEY] = [token_hash, time.time()]


def opened_invitation(session: SessionBase) -> Invitation | None:
    """The invitation whose link was opened in ``session`` within the last hour; else None.

    It may have expired since. After an hour the link must be opened again: somebody else may be
    using the browser by then.
    """
    token_hash, opened_at = session.get(SESSION_KEY, ("", 0))
    if time.time() - opened_at > LINK_OPEN_SECONDS:
        return None
    rows = Invitation.objects.select_related("group", "created_by")
    return rows.filter(token_hash=token_hash).first()


def usable_opened_invitation(session: SessionBase) -> Invitation | None:
    """`opened_invitation` if it still admits somebody; else None."""
    invitation = opened_invitation(session)
    return invitation if invitation and not invitation.problem() else None


def forget_invitation(session: SessionBase) -> None:
    """Forget the link that was opened."""
    session.pop(SESSION_KEY, None)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User) -> JoinResult:
    """Add ``by`` to the group, and count one use of the invitation.

    If they have this role, or a higher one, already, no use is counted.
    """
    if not lock_user(by.pk):
        return JoinResult(problem="Your account no longer exists.")
    lock_group(invitation.group_id)  # first, as everywhere: the last organiser may be leaving
    invitation = lock_invitation(invitation.pk)
    group = invitation.group
    membership = group.memberships.filter(user=by).first()
    if membership and (membership.is_organiser or invitation.role == Role.MEMBER):
        return JoinResult(welcome=f"You are already a member of {group}.")
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


def lock_invitation(pk: int) -> Invitation:
    """Lock the invitation until the transaction ends: only one user gets its last use."""
    rows = Invitation.objects.select_related("group").select_for_update(of=["self"])
    return rows.get(pk=pk)


def _address_problem(invitation: Invitation, user: User) -> str:
    """Why the invitation, if bound to an address, is not for ``user``; "" if it is."""
    if not invitation.email:
        return ""
    verified = EmailAddress.objects.filter(user=user, verified=True)
    addresses = {address.lower() for address in verified.values_list("email", flat=True)}
    return "" if invitation.email in addresses else WRONG_ADDRESS


def _add_member(group: Group, user: User, role: str) -> None:
    """Make ``user`` a member with at least ``role``, and delete their request to join."""
    membership, is_new = group.memberships.get_or_create(user=user, defaults={"role": role})
    if not is_new and role == Role.ORGANISER:
        membership.role = role
        membership.save(update_fields=["role"])
    group.join_requests.filter(user=user).delete()


def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Revoke the invitation: its link no longer admits anybody."""
    rows = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
    if rows.update(revoked_at=timezone.now()):
        log_on_commit(
            "invitation revoked", user=by.pk, group=invitation.group_id, invitation=invitation.pk
        )


@transaction.atomic
def request_to_join(*, group: Group, by: User, message: str, link: str) -> None:
    """Ask to join ``group``. Its organisers are mailed once a day, with ``link`` for the answer."""
    request, is_new = JoinRequest.objects.update_or_create(
        group=group, user=by, defaults={"message": message}
    )
    if not is_new:
        return
    log_on_commit("asked to join", user=by.pk, group=group.pk)
    for membership in group.memberships.organisers().select_related("user"):
        if membership.user.email:
            context = {"group": group, "request": request, "link": link}
            asked_today = f"{timezone.localdate()}:{group.pk}:{by.pk}"
            key = f"join-request:{asked_today}:{membership.user_id}"
            outbox.queue_from_template(
                "join_request", to=membership.user.email, context=context, key=key
            )


@transaction.atomic
def accept_request(*, request: JoinRequest, by: User, link: str) -> None:
    """Add the user who asked to the group, and mail them ``link``, which leads to the group.

    Raises ValidationError if the request was withdrawn or answered meanwhile.
    """
    group, user = request.group, request.user
    lock_user(user.pk)
    lock_group(group.pk)
    if not JoinRequest.objects.select_for_update().filter(pk=request.pk).exists():
        raise ValidationError(f"{user} is no longer asking to join.")
    _add_member(group, user, Role.MEMBER)
    log_on_commit("admitted", user=by.pk, group=group.pk, member=user.pk)
    if user.email:
        context, key = {"group": group, "link": link}, f"admitted:{request.pk}"
        outbox.queue_from_template("admitted", to=user.email, context=context, key=key)


def decline_request(*, request: JoinRequest, by: User) -> None:
    """Delete a request to join; the user may ask again."""
    log_on_commit("declined", user=by.pk, group=request.group_id, member=request.user_id)
    request.delete()
