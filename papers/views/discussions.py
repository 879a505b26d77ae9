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
from papers.forms import (
    ClosingDayForm,
    MeetingForm,
    PastMeetingForm,
    ScheduleForm,
    WrittenDiscussionForm,
    post_data,
)
from papers.library import ranking
from papers.models import AgendaItem, Discussion, Event
from papers.notifications.reach import count_notified, notified_sentence
from papers.services import poll_reopening, scheduling
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
    may_run = group.viewer.may_run(discussion)
    context["manage"] = _manage_context(discussion) if may_run else None
    addable = _addable_papers(discussion, items) if may_run else []
    context["agenda"] |= {
        "discussion": discussion,
        "rows": _agenda_rows(items, context),
        "addable": addable,
        "user": user,
        "back": request.path,
    }
    return render(request, "papers/discussion.html", context, status=status)


def _manage_context(discussion):
    """What those who run the discussion may do with it."""
    may_reopen_poll = not poll_reopening.why_no_reopening(discussion)
    return {"kind": _kind_of(discussion), "may_reopen_poll": may_reopen_poll}


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
        one = f"The meeting is scheduled. {notified_sentence(_told_of(request, discussions[0]))}"
        messages.success(request, number if len(discussions) > 1 else one)
        return redirect(discussions[0])
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_new.html", context, status=status)


def _told_of(request, discussion):
    """How many members the mail about a new discussion reaches."""
    return count_notified(Event.FIXED, discussion, by=request.user)


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
def record_past_meeting(request, slug):
    """Record a meeting that has taken place, then its outcome. Nobody is mailed."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    hour = group.meets_at or times.USUAL_HOUR
    initial = {"papers": chosen, "hour": hour, "minutes": group.meets_for, "place": group.place}
    form = PastMeetingForm(post_data(request), group=group, shown=shown, initial=initial)
    ours = {"group": group, "by": request.user, "form": form}
    if form.is_valid() and (discussion := create_or_form_error(form, _record_meeting, **ours)):
        messages.success(request, "The meeting is recorded, and nobody is notified.")
        return redirect("discussion-conclude", group.slug, discussion.pk)
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_record.html", context, status=status)


def _record_meeting(group, by, form):
    """Record the past meeting of a valid form."""
    names = ("starts_at", "ends_at", "papers", "place")
    given = {name: form.cleaned_data[name] for name in names}
    return scheduling.record_past_meeting(group=group, by=by, **given)


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
        told = notified_sentence(_told_of(request, discussion))
        messages.success(request, f"The discussion is open. {told}")
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
    """Move a meeting, or change its place; its papers keep their votes.

    A written discussion gets another closing day.
    """
    discussion = access.run_discussion_for(request.user, slug, pk)
    group = discussion.group
    if not discussion.is_scheduled:
        messages.error(request, "Only a scheduled meeting can be changed.")
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
        messages.success(request, f"The {_kind_of(discussion)} is saved.")
    return redirect(discussion)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_discussion(request, slug, pk):
    """Cancel a discussion, after a page that says how many members are notified."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    kind, state = _kind_of(discussion), Discussion.State.CANCELLED
    told = count_notified(Event.CANCELLED, discussion, by=request.user, state=state)
    if request.method != "POST":
        context = {"group": discussion.group, "section": "discussions", "discussion": discussion}
        context["when"] = times.meeting_time(discussion, discussion.group, request.user)
        context |= {"papers": discussion.fetch_agenda(), "told": told, "kind": kind}
        return render(request, "papers/discussion_cancel.html", context)
    if _change_or_message(request, scheduling.cancel_discussion, discussion):
        messages.success(request, f"The {kind} is cancelled. {notified_sentence(told)}")
    return redirect(discussion)


def _kind_of(discussion):
    """ "date poll", "written discussion" or "meeting"."""
    if discussion.starts_at is None:
        return "date poll"
    return "written discussion" if discussion.is_written else "meeting"


@require_POST
def reinstate_discussion(request, slug, pk):
    """Reinstate a cancelled discussion."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if _change_or_message(request, scheduling.reinstate_discussion, discussion):
        messages.success(request, f"The {_kind_of(discussion)} is reinstated.")
    return redirect(discussion)


def _change_or_message(request, act, discussion, /, **given):
    """Call ``act``; if it raises ValidationError, show its message and return False."""
    try:
        act(discussion=discussion, by=request.user, **given)
    except ValidationError as error:
        messages.error(request, error.message)
    except Discussion.DoesNotExist:
        messages.error(request, "This meeting does not exist any more.")
    else:
        return True
    return False
