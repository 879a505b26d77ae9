"""The home page of a group, and its settings."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from papers import access, home_todo
from papers.discussions import times, zone_change
from papers.discussions.attendance import attendance_of
from papers.forms import GroupForm, post_data
from papers.library import list_counts, ranking
from papers.models import Discussion, Paper, Vote
from papers.services import group_settings, group_setup
from papers.views.rsvps import rsvp_buttons
from papers.views.set_up import set_up_context

SHOWN = 5


@require_safe
def group_home(request, slug):
    """The next meeting, my to-do list, the papers to read next, and those recently discussed."""
    group = access.group_for(request.user, slug)
    context = {"group": group, "section": "home", "up_next": _up_next(request.user, group)}
    context["recently_discussed"] = Paper.objects.in_group(group).recently_discussed()[:SHOWN]
    context |= _meeting_context(request.user, group)
    if group.viewer.is_member:
        context |= home_todo.todo_for(request.user, group)
    context["set_up"] = set_up_context(group)
    return render(request, "papers/group_home.html", context)


def _up_next(user, group):
    """The top of the ranking without the papers that are not for the user, and what to do next."""
    not_mine = Vote.objects.filter(user=user, stance=Vote.Stance.NOT).values("paper")
    papers = Paper.objects.few_in_group(group).exclude(pk__in=not_mine)
    ranked = list(ranking.ranked_papers(group, papers)[:SHOWN])
    reasons = ranking.reasons_by_paper(group, ranked)
    wanted = [paper for paper in ranked[:1] if paper.wanting and group.viewer.may_schedule]
    return {
        "group": group,
        "rows": list_counts.listed_papers(group, ranked, user, reasons=reasons),
        "to_schedule": wanted[0] if wanted else None,
        "has_papers": bool(ranked) or group.papers.exists(),
    }


def _meeting_context(user, group):
    """The next meeting with my answer, the written discussions, and whether I may schedule."""
    upcoming = Discussion.objects.in_group(group).upcoming(timezone.now()).with_agenda()
    discussion = upcoming.filter(is_written=False).first()
    in_writing = upcoming.filter(is_written=True).order_by("ends_at")[:SHOWN]
    context = {
        "may_schedule": group.viewer.may_schedule,
        "in_writing": [
            (written, times.meeting_time(written, group, user)) for written in in_writing
        ],
    }
    if discussion:
        discussion.group = group
        answers = attendance_of(discussion)
        status = answers.status_of(user)
        context["next_meeting"] = {
            "discussion": discussion,
            "when": times.meeting_time(discussion, group, user),
            "status": status,
            "buttons": rsvp_buttons(status, is_full=answers.is_full(discussion.seats)),
            "may_schedule": group.viewer.may_schedule,
        }
    return context


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request, slug):
    """Edit the group: name, time zone, the usual meeting, whether anyone may ask to join.

    Another time zone leads to `group_zone.change_zone`, if it affects a meeting or a date poll.
    """
    group = access.organised_group_for(request.user, slug)
    form = GroupForm(post_data(request), instance=group)
    if form.is_valid():
        zone = form.cleaned_data["time_zone"]
        asks = "time_zone" in form.changed_data and zone_change.affected_by_zone(group)
        fields = [name for name in form.Meta.fields if not (asks and name == "time_zone")]
        group_settings.change_group(group=form.instance, by=request.user, fields=fields)
        group_setup.record_set_up(group)
        if asks:
            return redirect(reverse("group-zone", args=[slug], query={"to": zone}))
        messages.success(request, "Saved.")
        return redirect("group-settings", slug)
    if form.errors:
        group.refresh_from_db(fields=form.Meta.fields)
    context = {"group": group, "section": "settings", "form": form}
    return render(
        request, "papers/group_settings.html", context, status=422 if form.errors else 200
    )
