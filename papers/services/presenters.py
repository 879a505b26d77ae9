"""Presenters of agenda items: asking, taking, confirming, declining, handing over and swapping.

A member who is asked has to confirm; one who takes an item has confirmed. A member who declines an
item, or hands it over, is not proposed for it again. Every act locks the group and then the
discussion (`agenda.lock_group_and_discussion`), and only then checks the presenter: of two members
who take an item at once, one gets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from papers.models import AgendaItem, Event
from papers.notifications.fan_out import record_event
from papers.services import agenda

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from papers.models import Discussion, Group, User

ALREADY_ASKED = "{} is asked to present it: take that back first."
ALREADY_PRESENTED = "{} presents it already."
NO_OFFER = "It is not offered to you any more: nothing is swapped."


@transaction.atomic
def ask_to_present(*, item: AgendaItem, by: User, user: User) -> None:
    """Ask ``user`` to present an item. If ``by`` is ``user``, that confirms it.

    Raises ValidationError if somebody else has confirmed, or ``user`` is not in the group.
    """
    item = _lock_item(item)
    if item.is_confirmed and item.presenter_id != user.pk:
        raise ValidationError(ALREADY_PRESENTED.format(item.presenter))
    if item.presenter_id == user.pk:
        return
    _require_member(item, user)
    item.declined.remove(user)
    _set_presenter(item, user, is_confirmed=user == by, by=by)


@transaction.atomic
def take_item(*, item: AgendaItem, user: User) -> None:
    """Make ``user`` the confirmed presenter of an item.

    Raises ValidationError if somebody else presents it or is asked to, or ``user`` is not in the
    group.
    """
    item = _lock_item(item)
    if item.presenter_id not in (None, user.pk):
        raise ValidationError(
            (ALREADY_PRESENTED if item.is_confirmed else ALREADY_ASKED).format(item.presenter)
        )
    if item.is_confirmed:
        return
    _require_member(item, user)
    item.declined.remove(user)
    _set_presenter(item, user, is_confirmed=True)


@transaction.atomic
def decline_item(*, item: AgendaItem, user: User) -> None:
    """Remove ``user``, who was asked or has confirmed, as the presenter of an item.

    Raises ValidationError if they are not its presenter.
    """
    item = _lock_item(item)
    if item.presenter_id is None and item.declined.filter(pk=user.pk).exists():
        return
    _require_presenter(item, user)
    item.declined.add(user)
    _set_presenter(item, None)


@transaction.atomic
def hand_over(*, item: AgendaItem, user: User, to: User) -> None:
    """Replace the presenter ``user`` by ``to``, another member, who is asked.

    Raises ValidationError if ``user`` does not present the item, or ``to`` is not in the group.
    """
    item = _lock_item(item)
    _require_presenter(item, user)
    if to == user:
        raise ValidationError("Choose somebody else.")
    _require_member(item, to)
    item.declined.add(user)
    item.declined.remove(to)
    _set_presenter(item, to, by=user)


@transaction.atomic
def offer_swap(*, item: AgendaItem, user: User, other: AgendaItem) -> None:
    """Offer the item that ``user`` presents in exchange for ``other``, of an upcoming meeting.

    Nothing changes until the presenter of ``other`` agrees, who is asked once. Raises
    ValidationError if nobody else is its confirmed presenter.
    """
    item, other = _lock_both(item, other)
    _require_presenter(item, user)
    them = other.presenter
    is_of_the_group = other.discussion.group_id == item.discussion.group_id
    if not is_of_the_group or not other.is_confirmed or them is None or them == user:
        raise ValidationError("Somebody else has to present what you swap for.")
    _require_member(item, them)
    AgendaItem.objects.filter(pk=item.pk).update(swap_for=other)
    record_event(Event.SWAP, item.discussion, by=user, user=them, item=item, swap_for=other)


@transaction.atomic
def accept_swap(*, item: AgendaItem, user: User) -> None:
    """Swap ``item``, which ``user`` was offered, with the item that ``user`` presents.

    Raises ValidationError if it is no longer offered to them.
    """
    if item.swap_for is None:
        raise ValidationError(NO_OFFER)
    item, other = _lock_both(item, item.swap_for)
    if not item.is_offered_to(user):
        raise ValidationError(NO_OFFER)
    them = item.presenter
    if them is None:
        raise ValidationError(NO_OFFER)
    _require_member(item, them)
    _require_member(item, user)
    item.declined.remove(user)
    other.declined.remove(them)
    _set_presenter(other, them, is_confirmed=True)
    _set_presenter(item, user, is_confirmed=True)


@transaction.atomic
def decline_swap(*, item: AgendaItem, user: User) -> None:
    """Decline the offer of ``item`` for the item that ``user`` presents."""
    item = _lock_item(item)
    if item.is_offered_to(user):
        AgendaItem.objects.filter(pk=item.pk).update(swap_for=None)


@transaction.atomic
def clear_presenter(*, item: AgendaItem) -> None:
    """Remove the presenter of an item, or the request to present it."""
    item = _lock_item(item)
    if item.presenter_id is not None:
        _set_presenter(item, None)


def withdraw_presenter(discussion: Discussion, user: User) -> None:
    """Remove ``user``, who is leaving, as a presenter from a locked, upcoming discussion."""
    items = discussion.agenda.filter(presenter=user)
    AgendaItem.objects.filter(swap_for__in=items).update(swap_for=None)
    if items.update(presenter=None, is_confirmed=False, swap_for=None):
        agenda.save_and_bump_sequence(discussion)


def swappable_items(group: Group, user: User) -> QuerySet[AgendaItem]:
    """The items of upcoming meetings of ``group`` with a confirmed presenter other than ``user``.

    With papers, presenters and discussions; the next meeting first.
    """
    items = AgendaItem.objects.of_meetings_to_come(group, timezone.now()).filter(
        is_confirmed=True, presenter__in=group.active_user_ids()
    )
    items = items.exclude(presenter=user).select_related("paper", "presenter", "discussion")
    return items.order_by("discussion__starts_at", "discussion", "position", "pk")


def _lock_item(item: AgendaItem, *, beside: AgendaItem | None = None) -> AgendaItem:
    """Lock the discussion of an item. Returns the current row of the item.

    ``beside``: another locked item. If both are of the same discussion, they share its object.
    Raises ValidationError if the discussion was held or cancelled.
    """
    if beside is not None and beside.discussion_id == item.discussion_id:
        discussion = beside.discussion
    else:
        discussion = agenda.lock_group_and_discussion(item.discussion)
    if discussion.is_held or discussion.is_cancelled:
        state = "was held" if discussion.is_held else "is cancelled"
        raise ValidationError(f"The meeting {state}, so its presenters cannot be changed.")
    items = AgendaItem.objects.select_related("paper", "presenter", "swap_for")
    locked = items.get(pk=item.pk)
    locked.discussion = discussion
    return locked


def _lock_both(item: AgendaItem, other: AgendaItem) -> tuple[AgendaItem, AgendaItem]:
    """Lock both. The lock on the group comes first: all who lock several discussions take turns."""
    item = _lock_item(item)
    return item, _lock_item(other, beside=item)


def _require_presenter(item: AgendaItem, user: User) -> None:
    if item.presenter_id != user.pk:
        raise ValidationError("You do not present it any more.")


def _require_member(item: AgendaItem, user: User) -> None:
    if not item.discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError(f"{user} is not in the group.")


def _set_presenter(
    item: AgendaItem, user: User | None, *, is_confirmed: bool = False, by: User | None = None
) -> None:
    """Set the presenter; None removes it. One who has not confirmed is notified of the request."""
    item.presenter, item.is_confirmed = user, is_confirmed
    item.save(update_fields=["presenter", "is_confirmed"])
    AgendaItem.objects.filter(Q(pk=item.pk) | Q(swap_for=item.pk)).update(swap_for=None)
    agenda.save_and_bump_sequence(item.discussion)
    if user is not None and not is_confirmed:
        record_event(Event.PRESENT, item.discussion, by=by, user=user)
