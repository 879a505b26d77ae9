"""Date polls: opening, changing and answering them, and reminding members."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from papers import access
from papers.discussions import poll_grid, poll_matrix, times
from papers.discussions.proposed_dates import proposed_dates
from papers.forms import AvailabilityForm, PollEditForm, PollForm, post_data
from papers.models import Event
from papers.notifications.reach import count_notified, notified_sentence
from papers.services import date_polls
from papers.submit_once import claim_nothing, submit_once
from papers.views.form_flow import (
    create_or_form_error,
    or_not_found,
    redirect_to_poll,
    run_or_message,
)
from papers.views.paper_choices import papers_for

PROPOSED_DATES = 4  # in a new form
ANSWER_CHOICES = [("yes", "✓", "Yes"), ("maybe", "≈", "If necessary"), ("no", "✗", "No")]


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
        "may_answer_all": len(dates) > 1,
        "is_closed": is_closed,
        "is_past": is_past,
        "takes_answers": group.viewer.is_member and not is_closed and not is_past,
        "deadline": times.deadline_text(discussion, group, user),
        "rows": poll_grid.member_rows(dates, answers, user),
        "waiting": poll_grid.not_answered(dates, answers),
        "have_answered": any(one.mine for one in dates),
    }
    if poll["may_run"]:
        poll["matrix"] = poll_matrix.paper_date_matrix(dates, items, answers, group)
        poll["is_reminded"] = date_polls.was_reminded_today(discussion)
        poll["reminded"] = date_polls.count_to_remind(discussion, by=user)
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
        told = count_notified(Event.POLL_OPENED, discussion, by=request.user)
        messages.success(request, f"The date poll is open. {notified_sentence(told)}")
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
    """The first proposed moments: the day ``on`` if it is given, then days that suit the group.

    ``on``: an ISO date from the URL, or "".
    """
    found = proposed_dates(group, timezone.now(), PROPOSED_DATES)
    try:
        day = times.local_moment(
            date.fromisoformat(on), group.meets_at or times.USUAL_HOUR, times.group_zone(group)
        )
    except (ValueError, OverflowError):
        return found
    others = [other for other in found if other.date() != day.date()]
    return [day, *others][:PROPOSED_DATES]


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def edit_poll(request, slug, pk):
    """Add dates to a poll, or change its deadline, quorum and place."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if problem := date_polls.why_no_change(discussion):
        messages.error(request, problem)
        return redirect(discussion)
    options = list(discussion.options.all())
    form = PollEditForm.for_poll(discussion, options, post_data(request))
    if form.is_valid() and _save_poll(request, discussion, form):
        return redirect(discussion)
    context = {"group": discussion.group, "section": "discussions", "form": form}
    dates = [times.meeting_time(option, discussion.group) for option in options]
    context |= {"discussion": discussion, "dates": dates}
    status = 422 if form.errors else 200
    return render(request, "papers/poll_edit.html", context, status=status)


def _save_poll(request, discussion, form):
    """Save the changes; False if that fails, and the form has the reason."""
    given = {name: form.cleaned_data[name] for name in ("answer_by", "quorum")}
    given |= {"options": form.options, "by": request.user, **form.place_values}
    try:
        with or_not_found():
            told = date_polls.edit_poll(discussion=discussion, **given)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    said = f" {notified_sentence(told)}" if form.options else ""
    messages.success(request, f"The date poll is saved.{said}")
    return True


@require_POST
def answer_poll(request, slug, pk):
    """Save my answers, say yes to all dates to come, or remove my answers."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    options = list(discussion.options.all())
    form = AvailabilityForm(request.POST, options=options)
    if not form.is_valid():
        messages.error(request, "Choose yes, if necessary, or no. Reload the page to try again.")
        return redirect_to_poll(discussion)
    answers = _answers_of(form, options)
    given = {"discussion": discussion, "user": request.user, "answers": answers}
    if run_or_message(request, date_polls.save_answers, **given):
        messages.success(request, _saved_sentence(discussion, request.user, answers))
    return redirect_to_poll(discussion)


def _answers_of(form, options):
    """The answers of a valid form: those given one by one, yes to all dates to come, or none."""
    if "take-back" in form.data:
        return dict.fromkeys([option.pk for option in options], "")
    if "yes-to-all" in form.data:
        now = timezone.now()
        return {option.pk: "yes" for option in options if option.starts_at > now}
    return form.answers_by_option


def _saved_sentence(discussion, user, answers):
    """What was saved, and how many dates still have no answer."""
    if answers and not any(answers.values()):
        return "Your answers are removed."
    missing = discussion.options.open_at(timezone.now()).unanswered_by(user).count()
    if not missing:
        return "Your answers are saved."
    dates = f"{missing} dates have" if missing > 1 else "1 date has"
    return f"Your answers are saved. {dates} no answer from you yet."


@require_POST
@submit_once
def remind_members(request, slug, pk):
    """Remind those who have not answered, at most once a day, and say how many they are."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    try:
        with or_not_found():
            number = date_polls.remind_unanswered(discussion=discussion, by=request.user)
    except ValidationError as error:
        messages.error(request, error.message)
        claim_nothing(request)
    else:
        members = f"{number} members are" if number > 1 else "1 member is"
        messages.success(request, f"{members} reminded.")
    return redirect_to_poll(discussion)
