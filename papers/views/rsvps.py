"""Attendance and presenters of a discussion."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from papers import access
from papers.discussions import presenter_turns, times
from papers.forms import ChoosePresenterForm, PresenterActionForm, RsvpForm, SwapForm
from papers.models import Rsvp
from papers.services import presenters, rsvps
from papers.views.form_flow import next_url, or_not_found, run_or_message


@dataclass(frozen=True)
class Presenting:
    """The presenter of an agenda item, as the page shows them to one user."""

    is_mine: bool  # the user presents it, or is asked to
    is_offered: bool  # the presenter offers to swap it for what the user presents
    is_absent: bool  # the presenter cannot come
    is_waiting: bool  # the presenter waits for a seat
    turn: presenter_turns.Candidate | None  # who is next; None unless the user may ask them


def discussion_context(request, discussion, items):
    """What the page of ``discussion``, with the ``items`` of its agenda, shows of it.

    As many queries for thirty members and papers as for one.
    """
    members = discussion.group.memberships.filter(user__is_active=True).select_related("user")
    members = sorted(members, key=lambda one: (str(one.user).casefold(), one.user_id))
    line = rsvps.attendance_of(discussion)
    shown = {
        "discussion": discussion,
        "line": line,
        "stand": line.status_of(request.user),
        "has_begun": discussion.starts_at is not None and discussion.starts_at <= timezone.now(),
        "is_open": not rsvps.why_no_rsvp(discussion),
        "choices": Rsvp.Answer.choices,
        "unanswered": len(members) - len(line.all_rsvps),
    }
    agenda = _presenter_context(request.user, discussion, items, members, line)
    return {"attending": shown, "agenda": agenda}


def _presenter_context(user, discussion, items, members, line):
    """The presenter of each of ``items``, and the actions ``user`` may take."""
    absent = {rsvp.user_id for rsvp in line.not_coming}
    waiting = {rsvp.user_id for rsvp in line.waiting}
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
        messages.error(request, "Say whether you come: load the page again.")
    else:
        _save_rsvp(request, discussion, form.cleaned_data["answer"])
    there = f"{discussion.get_absolute_url()}#rsvp"
    return redirect(next_url(request, there))


def _save_rsvp(request, discussion, answer):
    try:
        with or_not_found():
            stand = rsvps.set_rsvp(discussion=discussion, user=request.user, answer=answer)
    except ValidationError as error:
        messages.error(request, error.message)
        return
    if stand.waiting_position:
        messages.info(request, str(stand))


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
