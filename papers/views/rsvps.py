"""Attendance and presenters of a discussion."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from papers import access
from papers.discussions import presenter_turns, times
from papers.discussions.attendance import RsvpStatus, attendance_of
from papers.forms import ChoosePresenterForm, PresenterActionForm, RsvpForm, SwapForm
from papers.models import Rsvp
from papers.services import presenters, rsvps
from papers.views.form_flow import next_url, or_not_found, run_or_message


@dataclass(frozen=True)
class Presenting:
    """The presenter of an agenda item, as the page shows them to one user."""

    is_mine: bool  # the user presents it, or is asked to
    is_offered: bool  # the presenter offers to swap it for what the user presents
    is_absent: bool  # the presenter can't go
    is_waiting: bool  # the presenter is on the waiting list
    turn: presenter_turns.Candidate | None  # who is next; None unless the user may ask them


@dataclass(frozen=True)
class RsvpButton:
    """A button that answers; pressed again, it takes the answer back."""

    value: str
    label: str
    is_pressed: bool


def rsvp_buttons(status: RsvpStatus, *, is_full: bool):
    """The buttons for a member with ``status``; ``is_full``: all seats are taken.

    The first says "Going" only where that is a seat.
    """
    buttons = []
    for value, label in Rsvp.Answer.choices:
        if value == Rsvp.Answer.COMING and status.is_waiting:
            label = "On the waiting list"
        elif value == Rsvp.Answer.COMING and is_full and not status.is_seated:
            label = "Join the waiting list"
        buttons.append(RsvpButton(value, label, status.answer == value))
    return buttons


def discussion_context(request, discussion, items):
    """What the page of ``discussion``, with the ``items`` of its agenda, shows of it.

    As many queries for thirty members and papers as for one.
    """
    members = discussion.group.memberships.filter(user__is_active=True).select_related("user")
    members = sorted(members, key=lambda one: (str(one.user).casefold(), one.user_id))
    answers = attendance_of(discussion)
    status = answers.status_of(request.user)
    shown = {
        "discussion": discussion,
        "answers": answers,
        "status": status,
        "buttons": rsvp_buttons(status, is_full=answers.is_full(discussion.seats)),
        "has_begun": discussion.starts_at is not None and discussion.starts_at <= timezone.now(),
        "is_open": not rsvps.why_no_rsvp(discussion),
        "unanswered": len(members) - len(answers.all_rsvps),
    }
    agenda = _presenter_context(request.user, discussion, items, members, answers)
    return {"attending": shown, "agenda": agenda}


def _presenter_context(user, discussion, items, members, answers):
    """The presenter of each of ``items``, and the actions ``user`` may take."""
    absent = {rsvp.user_id for rsvp in answers.not_coming}
    waiting = {rsvp.user_id for rsvp in answers.waiting}
    is_open = not discussion.is_held and not discussion.is_cancelled
    may_run = discussion.group.viewer.may_run(discussion)
    proposed = (
        presenter_turns.presenter_candidates(items, discussion, members)
        if is_open and may_run
        else {}
    )
    presenting = {
        item.pk: Presenting(
            is_mine=item.presenter_id == user.pk,
            is_offered=is_open and item.is_offered_to(user),
            is_absent=item.presenter_id in absent,
            is_waiting=item.presenter_id in waiting,
            turn=next(iter(proposed.get(item.pk, [])), None),
        )
        for item in items
    }
    presents = (
        is_open
        and discussion.group.viewer.is_member
        and any(one.is_mine for one in presenting.values())
    )
    return {
        "presenting": presenting,
        "presenters": [one.user for one in members] if presents or may_run else [],
        "swaps": _swap_choices(user, discussion.group) if presents else [],
        "is_open": is_open,
        "may_run": may_run,
    }


def _swap_choices(user, group):
    """The items that ``user`` may swap for, each with the time of its meeting."""
    items = presenters.swappable_items(group, user)
    return [(item, times.meeting_time(item.discussion, group, user)) for item in items]


@require_POST
def set_rsvp(request, slug, pk):
    """Save or withdraw my RSVP."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    form = RsvpForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was saved. Choose one of the answers below.")
    else:
        _save_rsvp(request, discussion, form.cleaned_data["answer"])
    there = f"{discussion.get_absolute_url()}#rsvp"
    return redirect(next_url(request, there))


def _save_rsvp(request, discussion, answer):
    try:
        with or_not_found():
            status = rsvps.set_rsvp(discussion=discussion, user=request.user, answer=answer)
    except ValidationError as error:
        messages.error(request, error.message)
        return
    if status.is_waiting:
        messages.info(request, f"All seats are taken. {status}")


def confirm_lost_seats(request, discussion, form, users):
    """Name the ``users`` who would lose their seats; confirming posts the valid ``form`` again."""
    context = {
        "group": discussion.group,
        "section": "discussions",
        "discussion": discussion,
        "form": form,
        "users": users,
    }
    return render(request, "papers/discussion_seats.html", context)


def confirmed_user_ids(request):
    """The ids of the users whose loss of a seat the form confirms."""
    return [int(pk) for pk in request.POST.getlist("loses_seat") if pk.isascii() and pk.isdigit()]


@require_POST
def presenter_action(request, slug, pk):
    """Take, confirm or decline a paper."""
    item = access.joined_agenda_item_for(request.user, slug, pk)
    form = PresenterActionForm(request.POST)
    if not form.is_valid():
        return _redirect_to_item(request, item, "Choose whether you present it.")
    acts = {
        "take": presenters.take_item,
        "decline": presenters.decline_item,
        "agree": presenters.accept_swap,
        "keep": presenters.decline_swap,
    }
    act = acts[form.cleaned_data["act"]]
    return _run_and_redirect(request, act, item, user=request.user)


@require_POST
def hand_over_paper(request, slug, pk):
    """Hand my paper over to another member, who is asked."""
    item = access.joined_agenda_item_for(request.user, slug, pk)
    form = ChoosePresenterForm(request.POST, group=item.discussion.group)
    if not form.is_valid():
        return _redirect_to_item(request, item, "Choose a member of the group.")
    to = form.cleaned_data["user"]
    return _run_and_redirect(request, presenters.hand_over, item, user=request.user, to=to)


@require_POST
def offer_swap(request, slug, pk):
    """Offer to swap my paper for another presenter's."""
    item = access.joined_agenda_item_for(request.user, slug, pk)
    items = presenters.swappable_items(item.discussion.group, request.user)
    form = SwapForm(request.POST, items=items)
    if not form.is_valid():
        return _redirect_to_item(request, item, "Choose a paper that somebody else presents.")
    other = form.cleaned_data["item"]
    return _run_and_redirect(request, presenters.offer_swap, item, user=request.user, other=other)


@require_POST
def ask_presenter(request, slug, pk):
    """Ask a member to present a paper."""
    item = access.run_agenda_item_for(request.user, slug, pk)
    form = ChoosePresenterForm(request.POST, group=item.discussion.group)
    if not form.is_valid():
        return _redirect_to_item(request, item, "Choose a member of the group.")
    user = form.cleaned_data["user"]
    return _run_and_redirect(request, presenters.ask_to_present, item, by=request.user, user=user)


@require_POST
def clear_presenter(request, slug, pk):
    """Clear the presenter."""
    item = access.run_agenda_item_for(request.user, slug, pk)
    return _run_and_redirect(request, presenters.clear_presenter, item)


def _run_and_redirect(request, act, item, /, **given):
    run_or_message(request, act, item=item, **given)
    return _redirect_to_item(request, item)


def _redirect_to_item(request, item, problem=""):
    if problem:
        messages.error(request, problem)
    return redirect(f"{item.discussion.get_absolute_url()}#i{item.pk}")
