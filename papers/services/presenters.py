"""Who presents a paper on an agenda: asked, taken, confirmed, declined, handed over, swapped.

Who is asked has to confirm; who takes an item by themselves has done so. Who declines, or hands
over, is not proposed for it again. Every act locks the group and then the discussion
(`agenda.lock_group_and_discussion`), and checks the presenter then: of two who take an item at
once, one gets it.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from papers.models import AgendaItem, Event
from papers.notifications.fan_out import record_event
from papers.services import agenda

ALREADY_ASKED = "{} is asked to present it: take that back first."
ALREADY_PRESENTED = "{} presents it already."
NO_OFFER = "It is not offered to you any more: nothing is swapped."


@transaction.atomic
def ask_to_present(*, item, by, user):
    """Ask ``user`` to present; who asks themselves has confirmed.

    ValidationError where somebody presents it for certain, or ``user`` is not in the group.
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
def take_item(*, item, user):
    """``user`` presents an item that nobody is asked to, or they are. ValidationError otherwise."""
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
def decline_item(*, item, user):
    """``user``, who is asked or has confirmed, does not present: somebody else's turn."""
    item = _lock_item(item)
    if item.presenter_id is None and item.declined.filter(pk=user.pk).exists():
        return
    _require_presenter(item, user)
    item.declined.add(user)
    _set_presenter(item, None)


@transaction.atomic
def hand_over(*, item, user, to):
    """``user`` leaves an item to ``to``, another member, who is asked. ValidationError as above."""
    item = _lock_item(item)
    _require_presenter(item, user)
    if to == user:
        raise ValidationError("Choose somebody else.")
    _require_member(item, to)
    item.declined.add(user)
    item.declined.remove(to)
    _set_presenter(item, to, by=user)


@transaction.atomic
def offer_swap(*, item, user, other):
    """``user`` offers what they present for ``other``, of a meeting to come.

    Nothing changes before its presenter agrees, who is asked once. ValidationError where nobody
    else presents it for certain.
    """
    item, other = _lock_both(item, other)
    _require_presenter(item, user)
    them = other.presenter
    is_of_the_group = other.discussion.group_id == item.discussion.group_id
    if not is_of_the_group or not other.is_confirmed or them == user:
        raise ValidationError("Somebody else has to present what you swap for.")
    _require_member(item, them)
    AgendaItem.objects.filter(pk=item.pk).update(swap_for=other)
    record_event(Event.SWAP, item.discussion, by=user, user=them, item=item, swap_for=other)


@transaction.atomic
def accept_swap(*, item, user):
    """``user`` presents what they were offered, and who offered it what was theirs."""
    if item.swap_for is None:
        raise ValidationError(NO_OFFER)
    item, other = _lock_both(item, item.swap_for)
    if not item.is_offered_to(user):
        raise ValidationError(NO_OFFER)
    them = item.presenter
    _require_member(item, them)
    _require_member(item, user)
    item.declined.remove(user)
    other.declined.remove(them)
    _set_presenter(other, them, is_confirmed=True)
    _set_presenter(item, user, is_confirmed=True)


@transaction.atomic
def decline_swap(*, item, user):
    """``user`` keeps what they present: they were offered ``item`` for it."""
    item = _lock_item(item)
    if item.is_offered_to(user):
        AgendaItem.objects.filter(pk=item.pk).update(swap_for=None)


@transaction.atomic
def clear_presenter(*, item):
    """Nobody presents it, for now."""
    item = _lock_item(item)
    if item.presenter_id is not None:
        _set_presenter(item, None)


def withdraw_presenter(discussion, user):
    """``user``, who goes, presents nothing of a meeting to come, which is held."""
    gone = discussion.agenda.filter(presenter=user)
    AgendaItem.objects.filter(swap_for__in=gone).update(swap_for=None)
    if gone.update(presenter=None, is_confirmed=False, swap_for=None):
        agenda.save_and_bump_sequence(discussion)


def swappable_items(group, user):
    """The items of meetings of ``group`` to come that another than ``user`` presents for certain.

    A queryset, with their papers, presenters and meetings; the next meeting first.
    """
    items = AgendaItem.objects.of_meetings_to_come(group, timezone.now()).filter(
        is_confirmed=True, presenter__in=group.active_user_ids()
    )
    items = items.exclude(presenter=user).select_related("paper", "presenter", "discussion")
    return items.order_by("discussion__starts_at", "discussion", "position", "pk")


def _lock_item(item, *, beside=None):
    """The item as it is now, of its meeting that is held, and can still be changed.

    ``beside``: another item that is held, maybe of the same meeting: there is one row of it then.
    """
    if beside is not None and beside.discussion_id == item.discussion_id:
        discussion = beside.discussion
    else:
        discussion = agenda.lock_group_and_discussion(item.discussion)
    if discussion.is_held or discussion.is_cancelled:
        state = discussion.get_state_display().lower()
        raise ValidationError(f"The meeting is {state}: who presents stays as it is.")
    items = AgendaItem.objects.select_related("paper", "presenter", "swap_for")
    found = items.get(pk=item.pk)
    found.discussion = discussion
    return found


def _lock_both(item, other):
    """Both as they are now. The group is held, and with it all who hold several meetings."""
    item = _lock_item(item)
    return item, _lock_item(other, beside=item)


def _require_presenter(item, user):
    if item.presenter_id != user.pk:
        raise ValidationError("You do not present it any more.")


def _require_member(item, user):
    if not item.discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError(f"{user} is not in the group.")


def _set_presenter(item, user, *, is_confirmed=False, by=None):
    """Let ``user``, or nobody, present; who has not confirmed is told that they are asked."""
    item.presenter, item.is_confirmed = user, is_confirmed
    item.save(update_fields=["presenter", "is_confirmed"])
    AgendaItem.objects.filter(Q(pk=item.pk) | Q(swap_for=item.pk)).update(swap_for=None)
    agenda.save_and_bump_sequence(item.discussion)
    if user is not None and not is_confirmed:
        record_event(Event.PRESENT, item.discussion, by=by, user=user)
