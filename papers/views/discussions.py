"""The meetings of a group: one of them, and how it comes to be and changes."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access, ranking, times
from papers.forms import ClosingForm, MeetingForm, ScheduleForm, WritingForm, sent
from papers.models import Discussion
from papers.services import scheduling
from papers.views import attending, calendars, concluding, polls
from papers.views.choosing import SHOWN_PAPERS, papers_for
from papers.views.ways import made

LATER = timedelta(days=14)  # a discussion in writing is proposed to close then


@require_safe
def discussion(request, slug, pk):
    """One meeting: when and where, its agenda, who comes, and what came of it."""
    return page(request, access.discussion_for(request.user, slug, pk))


def page(request, discussion, *, status=200, **context):
    """The page of a meeting, with a form that came back where there is one in ``context``."""
    group, user = discussion.group, request.user
    items = discussion.fetch_agenda()
    context |= {"group": group, "section": "discussions", "discussion": discussion}
    context["when"] = times.when(discussion, group, user)
    starts_at, ends_at, now = discussion.starts_at, discussion.ends_at, timezone.now()
    discussion.has_begun = starts_at is not None and starts_at <= now
    discussion.is_over = ends_at is not None and ends_at <= now
    is_met = discussion.is_scheduled and not discussion.is_written
    discussion.is_under_way = is_met and discussion.has_begun and not discussion.is_over
    for part in (polls, attending, calendars, concluding):
        context |= part.context(request, discussion, items)
    context["agenda"] |= {"discussion": discussion, "items": items, "user": user}
    context["agenda"] |= {"addable": _addable(discussion, items), "back": request.path}
    return render(request, "papers/discussion.html", context, status=status)


def _addable(discussion, items):
    """The first of the ranking that are not on the agenda, for who may put them on."""
    if not discussion.may_run or not (discussion.is_polling or discussion.is_scheduled):
        return []
    known = {item.paper_id for item in items}
    found = ranking.ranked(discussion.group)[: SHOWN_PAPERS + len(known)]
    return [paper for paper in found if paper.pk not in known]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request, slug):
    """Schedule a meeting: over a paper, over the top of the ranking, or on a day."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    initial = {"papers": chosen, **_usual(group, request.GET.get("on", ""))}
    form = ScheduleForm(sent(request), group=group, shown=shown, initial=initial)
    ours = {"group": group, "by": request.user, "form": form}
    if form.is_valid() and (meetings := made(form, _scheduled, **ours)):
        number = f"{len(meetings)} meetings are scheduled. This is the first."
        one = "The meeting is scheduled, and the members are told."
        messages.success(request, number if len(meetings) > 1 else one)
        return redirect(meetings[0])
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_new.html", context, status=status)


def _scheduled(group, by, form):
    """The meetings that a valid form asks for, the first first."""
    data = form.cleaned_data
    given = {"group": group, "by": by, "starts_at": data["starts_at"], **form.where}
    given["papers"] = data["papers"]
    if data["every"]:
        minutes, weeks = data["minutes"], data["every"]
        return scheduling.repeat(minutes=minutes, weeks=weeks, count=data["times"], **given)
    return [scheduling.schedule(ends_at=data["ends_at"], **given)]


def _written(group, by, form):
    """The discussion in writing that a valid form asks for."""
    return scheduling.schedule(
        group=group,
        by=by,
        starts_at=timezone.now(),
        ends_at=form.cleaned_data["closes_on"],
        papers=form.cleaned_data["papers"],
        is_written=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def write(request, slug):
    """A discussion in writing: no hour, but a day on which it closes."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    closes_on = (timezone.now() + LATER).astimezone(times.zone_of(group)).date()
    initial = {"papers": chosen, "closes_on": closes_on}
    form = WritingForm(sent(request), group=group, shown=shown, initial=initial)
    ours = {"group": group, "by": request.user, "form": form}
    if form.is_valid() and (discussion := made(form, _written, **ours)):
        messages.success(request, "The discussion is open, and the members are told.")
        return redirect(discussion)
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_write.html", context, status=status)


def _usual(group, on):
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
def edit(request, slug, pk):
    """Move a meeting, or change where it is; its papers keep their votes.

    One in writing closes on another day.
    """
    discussion = access.run_discussion_for(request.user, slug, pk)
    group = discussion.group
    if not discussion.is_scheduled:
        messages.error(request, "Only a meeting that is scheduled can be moved.")
        return redirect(discussion)
    kind = ClosingForm if discussion.is_written else MeetingForm
    form = kind(sent(request), group=group, initial=kind.initial_of(discussion))
    if form.is_valid():
        if _did(request, scheduling.change, discussion, **form.changes):
            what = "discussion" if discussion.is_written else "meeting"
            messages.success(request, f"The {what} is changed.")
        return redirect(discussion)
    context = {"group": group, "section": "discussions", "form": form, "discussion": discussion}
    status = 422 if form.errors else 200
    return render(request, "papers/discussion_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, slug, pk):
    """Call a meeting off."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if request.method != "POST":
        context = {"group": discussion.group, "section": "discussions", "discussion": discussion}
        context["when"] = times.when(discussion, discussion.group, request.user)
        return render(request, "papers/discussion_cancel.html", context)
    if _did(request, scheduling.cancel, discussion):
        messages.success(request, "The meeting is called off, and the members are told.")
    return redirect(discussion)


@require_POST
def reinstate(request, slug, pk):
    """Take back that a meeting was called off."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if _did(request, scheduling.reinstate, discussion):
        messages.success(request, "The meeting takes place after all.")
    return redirect(discussion)


def _did(request, act, discussion, /, **given):
    """Do it; False, and a message why, where it cannot be done."""
    try:
        act(discussion=discussion, by=request.user, **given)
    except ValidationError as error:
        messages.error(request, error.message)
    except Discussion.DoesNotExist:
        messages.error(request, "The meeting is gone.")
    else:
        return True
    return False
