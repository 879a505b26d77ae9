"""Date polls: opening, answering, and fixing the date."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from papers import access
from papers.discussions import poll_grid, times
from papers.forms import AvailabilityForm, ChooseDateForm, PollEditForm, PollForm, post_data
from papers.services import date_polls
from papers.submit_once import submit_once
from papers.views.form_flow import create_or_form_error, or_not_found, run_or_message
from papers.views.paper_choices import papers_for

PROPOSED_DATES = 4  # in a new form
ANSWER_CHOICES = [("yes", "✓", "Yes"), ("maybe", "≈", "If need be"), ("no", "✗", "No")]


def discussion_context(request, discussion, items):
    """The context of the poll for the page of ``discussion``, whose agenda is ``items``.

    Empty if there is no poll. The number of queries does not depend on members and dates.
    """
    if not discussion.is_polling:
        return {}
    group, user, now = discussion.group, request.user, timezone.now()
    options = list(discussion.options.all())
    answers = poll_grid.poll_answers(discussion, options)
    wishes = poll_grid.votes_and_offers(group, [item.paper for item in items])
    dates = poll_grid.poll_dates(options, answers, group, user, now)
    poll_grid.add_date_facts(dates, items, answers, wishes, are_named=group.votes_are_named)
    is_closed = date_polls.is_closed(discussion, now)
    is_past = all(one.is_past for one in dates)
    poll = {
        "discussion": discussion,
        "may_run": group.viewer.may_run(discussion),
        "options": dates,
        "zone": times.reader_zone(user, group).key,
        "choices": ANSWER_CHOICES,
        "is_closed": is_closed,
        "is_past": is_past,
        "takes_answers": group.viewer.is_member and not is_closed and not is_past,
        "deadline": times.deadline_text(discussion, group, user),
        "rows": poll_grid.member_rows(dates, answers, user),
        "silent": poll_grid.not_answered(answers),
        "have_answered": any(one.mine for one in dates),
    }
    if poll["may_run"]:
        poll["matrix"] = poll_grid.paper_date_matrix(dates, items, answers, group)
        poll["is_reminded"] = date_polls.was_reminded_today(discussion)
    return {"poll": poll}


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def new_poll(request, slug):
    """Open a date poll."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    form = PollForm(
        post_data(request),
        group=group,
        shown=shown,
        proposed=_proposed_dates(group, request.GET.get("on", "")),
        initial={
            "papers": chosen,
            "minutes": group.meets_for,
            "place": group.place,
            "link": group.link,
        },
    )
    if form.is_valid() and (discussion := _open_poll(form, group, by=request.user)):
        messages.success(request, "The members are asked when they can come.")
        return redirect(discussion)
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/poll_new.html", context, status=status)


def _open_poll(form, group, *, by):
    """Open the poll of a valid form; None if that fails, and the form has the reason."""
    data = form.cleaned_data
    given = {name: data[name] for name in ("papers", "answer_by", "quorum")}
    given |= {"options": form.options, **form.place_values}
    return create_or_form_error(form, date_polls.open_poll, group=group, by=by, **given)


def _proposed_dates(group, on):
    """The first proposed moments: the day ``on`` if it is given, then the next free usual dates.

    ``on``: an ISO date from the URL, or "".
    """
    free = times.free_dates(group, timezone.now(), PROPOSED_DATES)
    try:
        day = times.local_moment(
            date.fromisoformat(on), group.meets_at or times.USUAL_HOUR, times.group_zone(group)
        )
    except (ValueError, OverflowError):
        return free
    return [day, *(other for other in free if other != day)][:PROPOSED_DATES]


@require_http_methods(["GET", "HEAD", "POST"])
def edit_poll(request, slug, pk):
    """Add dates to a poll, or change its deadline, quorum and place."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if problem := date_polls.why_no_change(discussion):
        messages.error(request, problem)
        return redirect(discussion)
    options = list(discussion.options.all())
    form = PollEditForm.for_poll(discussion, options, post_data(request))
    if form.is_valid() and _save_poll(discussion, form):
        messages.success(request, "The date poll is changed.")
        return redirect(discussion)
    context = {"group": discussion.group, "section": "discussions", "form": form}
    dates = [times.meeting_time(option, discussion.group) for option in options]
    context |= {"discussion": discussion, "dates": dates}
    status = 422 if form.errors else 200
    return render(request, "papers/poll_edit.html", context, status=status)


def _save_poll(discussion, form):
    """Save the changes; False if that fails, and the form has the reason."""
    asked = {name: form.cleaned_data[name] for name in ("answer_by", "quorum")}
    try:
        with or_not_found():
            date_polls.edit_poll(
                discussion=discussion, options=form.options, **asked, **form.place_values
            )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@require_POST
def answer_poll(request, slug, pk):
    """Save my availability, or take back my answers."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    options = list(discussion.options.all())
    form = AvailabilityForm(request.POST, options=options)
    if not form.is_valid():
        messages.error(request, "Say yes, if need be, or no: load the page again.")
        return _redirect_to_poll(discussion)
    answers, said = form.answers_by_option, "Your answers are kept."
    if "take-back" in request.POST:
        answers = dict.fromkeys([option.pk for option in options], "")
        said = "Your answers are taken back."
    return _run_and_redirect(
        request, date_polls.save_answers, discussion, said, user=request.user, answers=answers
    )


@require_POST
def remind_members(request, slug, pk):
    """Remind those who have not answered, at most once a day."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    said = "Those who have not answered are reminded, once a day at most."
    return _run_and_redirect(
        request, date_polls.remind_unanswered, discussion, said, by=request.user
    )


@require_POST
def choose_date(request, slug, pk):
    """Fix one of the dates, and optionally a paper."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    form = ChooseDateForm(request.POST, discussion=discussion)
    if not form.is_valid():
        messages.error(request, "Choose one of the dates.")
        return _redirect_to_poll(discussion)
    option, papers = form.cleaned_data["pick"]
    if run_or_message(request, date_polls.fix_date, option=option, by=request.user, papers=papers):
        messages.success(request, "The date is fixed, and the members are told.")
    return redirect(discussion)


def _run_and_redirect(request, act, discussion, said, /, **given):
    """Run ``act``; show ``said`` as a message, or the reason if it fails."""
    if run_or_message(request, act, discussion=discussion, **given):
        messages.success(request, said)
    return _redirect_to_poll(discussion)


def _redirect_to_poll(discussion):
    return redirect(f"{discussion.get_absolute_url()}#poll")
