"""The home page of a group, and its settings."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from papers import access, home_todo
from papers.discussions import times
from papers.discussions.attendance import attendance_of
from papers.forms import GroupForm, post_data
from papers.library import list_counts, ranking
from papers.models import Discussion, Paper, Vote
from papers.views.rsvps import rsvp_buttons

SHOWN = 5


@require_safe
def group_home(request, slug):
    """The papers to read next and why, my to-do list, and the papers discussed last."""
    group = access.group_for(request.user, slug)
    not_mine = Vote.objects.filter(user=request.user, stance=Vote.Stance.NOT).values("paper")
    papers = Paper.objects.few_in_group(group).exclude(pk__in=not_mine)
    ranked = list(ranking.ranked_papers(group, papers)[:SHOWN])
    reasons = ranking.reasons_by_paper(group, ranked)
    up_next = list_counts.listed_papers(group, ranked, request.user, reasons=reasons)
    context = {"group": group, "section": "home", "up_next": up_next}
    context["recently_discussed"] = Paper.objects.in_group(group).recently_discussed()[:SHOWN]
    context["has_papers"] = bool(up_next) or group.papers.exists()
    context |= _meeting_context(request.user, group)
    if group.viewer.is_member:
        context |= home_todo.todo_for(request.user, group)
    return render(request, "papers/group_home.html", context)


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
def group_settings(request, slug):
    """Edit the group: name, time zone, the usual meeting, whether anyone may ask to join."""
    group = access.organised_group_for(request.user, slug)
    form = GroupForm(post_data(request), instance=group)
    if form.is_valid():
        form.instance.save(update_fields=form.Meta.fields)
        messages.success(request, "Saved.")
        return redirect("group-settings", slug)
    if form.errors:
        group.refresh_from_db(fields=form.Meta.fields)
    context = {"group": group, "section": "settings", "form": form}
    return render(
        request, "papers/group_settings.html", context, status=422 if form.errors else 200
    )
