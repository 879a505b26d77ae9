"""Discussions of a group: page, creation, changes, cancelling."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access
from papers.discussions import reading_counts, times
from papers.forms import ClosingDayForm, MeetingForm, ScheduleForm, WrittenDiscussionForm, post_data
from papers.library import ranking
from papers.models import AgendaItem, Discussion
from papers.services import scheduling
from papers.services.rsvps import SeatsWouldBeLost
from papers.submit_once import submit_once
from papers.views import calendars, outcomes, polls, rsvps
from papers.views.form_flow import create_or_form_error
from papers.views.paper_choices import SHOWN_PAPERS, papers_for

CLOSES_AFTER = timedelta(days=14)  # a discussion in writing is proposed to close then


@dataclass(frozen=True)
class AgendaRow:
    """An agenda item, as the page of its discussion shows it to one user."""

    item: AgendaItem
    presenting: rsvps.Presenting
    readers: reading_counts.ReadingCounts
    outcome: outcomes.Outcome


@require_safe
def discussion_page(request, slug, pk):
    """The page of a discussion."""
    return render_page(request, access.discussion_for(request.user, slug, pk))


def render_page(request, discussion, *, status=200, **context):
    """Render the page; ``context`` may hold a form with errors."""
    group, user = discussion.group, request.user
    items = discussion.fetch_agenda()
    context |= {"group": group, "section": "discussions", "discussion": discussion}
    context["when"] = times.meeting_time(discussion, group, user)
    for part in (polls, rsvps, calendars, outcomes):
        context |= part.discussion_context(request, discussion, items)
    context["may_run"] = group.viewer.may_run(discussion)
    addable = _addable_papers(discussion, items) if context["may_run"] else []
    context["agenda"] |= {
        "discussion": discussion,
        "rows": _agenda_rows(items, context),
        "addable": addable,
        "user": user,
        "back": request.path,
    }
    return render(request, "papers/discussion.html", context, status=status)


def _agenda_rows(items, context):
    """The rows of ``items``, from the parts already in ``context``."""
    presenting = context["agenda"]["presenting"]
    return [
        AgendaRow(
            item=item,
            presenting=presenting[item.pk],
            readers=context["readers"][item.paper_id],
            outcome=context["outcomes"][item.pk],
        )
        for item in items
    ]


def _addable_papers(discussion, items):
    """The first papers of the ranking that are not on the agenda yet."""
    if not (discussion.is_polling or discussion.is_scheduled):
        return []
    known = {item.paper_id for item in items}
    found = ranking.ranked_papers(discussion.group)[: SHOWN_PAPERS + len(known)]
    return [paper for paper in found if paper.pk not in known]


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def new_meeting(request, slug):
    """Schedule a discussion of chosen papers, or on a given day."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    initial = {"papers": chosen, **_initial_values(group, request.GET.get("on", ""))}
    form = ScheduleForm(post_data(request), group=group, shown=shown, initial=initial)
    ours = {"group": group, "by": request.user, "form": form}
    if form.is_valid() and (discussions := create_or_form_error(form, _schedule_meetings, **ours)):
        number = f"{len(discussions)} meetings are scheduled. This is the first."
        one = "The meeting is scheduled, and the members are told."
        messages.success(request, number if len(discussions) > 1 else one)
        return redirect(discussions[0])
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_new.html", context, status=status)


def _schedule_meetings(group, by, form):
    """Schedule the meetings of a valid form; returns them in order."""
    data = form.cleaned_data
    given = {"group": group, "by": by, "starts_at": data["starts_at"], **form.place_values}
    given["papers"] = data["papers"]
    if data["every"]:
        minutes, weeks = data["minutes"], data["every"]
        return scheduling.schedule_series(
            minutes=minutes, weeks=weeks, count=data["times"], **given
        )
    return [scheduling.schedule_discussion(ends_at=data["ends_at"], **given)]


def _open_written_discussion(group, by, form):
    """Open the written discussion of a valid form."""
    return scheduling.schedule_discussion(
        group=group,
        by=by,
        starts_at=timezone.now(),
        ends_at=form.cleaned_data["closes_on"],
        papers=form.cleaned_data["papers"],
        is_written=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def new_written_discussion(request, slug):
    """Open a written discussion, which has a closing day but no hour."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    closes_on = (timezone.now() + CLOSES_AFTER).astimezone(times.group_zone(group)).date()
    initial = {"papers": chosen, "closes_on": closes_on}
    form = WrittenDiscussionForm(post_data(request), group=group, shown=shown, initial=initial)
    ours = {"group": group, "by": request.user, "form": form}
    if form.is_valid() and (
        discussion := create_or_form_error(form, _open_written_discussion, **ours)
    ):
        messages.success(request, "The discussion is open, and the members are told.")
        return redirect(discussion)
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_write.html", context, status=status)


def _initial_values(group, on):
    """What is proposed: the group's usual hour and place, on the next date that is free.

    ``on``: a day that was asked for, as in an address.
    """
    free = times.free_dates(group, timezone.now(), 1)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        day = free[0].date() if free else None
    hour = group.meets_at or times.USUAL_HOUR
    where = {"place": group.place, "link": group.link}
    return {"day": day, "hour": hour, "minutes": group.meets_for, **where}


@require_http_methods(["GET", "HEAD", "POST"])
def edit_discussion(request, slug, pk):
    """Move a meeting, or change where it is; its papers keep their votes.

    One in writing closes on another day.
    """
    discussion = access.run_discussion_for(request.user, slug, pk)
    group = discussion.group
    if not discussion.is_scheduled:
        messages.error(request, "Only a meeting that is scheduled can be moved.")
        return redirect(discussion)
    kind = ClosingDayForm if discussion.is_written else MeetingForm
    form = kind(post_data(request), group=group, initial=kind.initial_of(discussion))
    if form.is_valid():
        try:
            return _save_changes(request, discussion, form)
        except SeatsWouldBeLost as problem:
            return rsvps.confirm_lost_seats(request, discussion, form, problem.users)
    context = {"group": group, "section": "discussions", "form": form, "discussion": discussion}
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_edit.html", context, status=status)


def _save_changes(request, discussion, form):
    """Save a valid form. Raises `SeatsWouldBeLost` unless the user has confirmed who loses one."""
    changes = form.discussion_values | {"may_lose_seats": rsvps.confirmed_user_ids(request)}
    if _change_or_message(request, scheduling.update_discussion, discussion, **changes):
        what = "discussion" if discussion.is_written else "meeting"
        messages.success(request, f"The {what} is changed.")
    return redirect(discussion)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_discussion(request, slug, pk):
    """Cancel a discussion."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if request.method != "POST":
        context = {"group": discussion.group, "section": "discussions", "discussion": discussion}
        context["when"] = times.meeting_time(discussion, discussion.group, request.user)
        return render(request, "papers/discussion_cancel.html", context)
    if _change_or_message(request, scheduling.cancel_discussion, discussion):
        messages.success(request, "The meeting is called off, and the members are told.")
    return redirect(discussion)


@require_POST
def reinstate_discussion(request, slug, pk):
    """Reinstate a cancelled discussion."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if _change_or_message(request, scheduling.reinstate_discussion, discussion):
        messages.success(request, "The meeting takes place after all.")
    return redirect(discussion)


def _change_or_message(request, act, discussion, /, **given):
    """Call ``act``; if it raises ValidationError, show its message and return False."""
    try:
        act(discussion=discussion, by=request.user, **given)
    except ValidationError as error:
        messages.error(request, error.message)
    except Discussion.DoesNotExist:
        messages.error(request, "The meeting is gone.")
    else:
        return True
    return False
