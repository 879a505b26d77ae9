"""The meetings of a group: those to come, date polls, and the archive."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import access
from papers.models import Discussion


@require_safe
def discussions(request, slug):
    """Those to come, the next first."""
    group = access.group_for(request.user, slug)
    upcoming = Discussion.objects.of(group).upcoming(timezone.now()).with_agenda()
    context = {"group": group, "section": "discussions", "upcoming": upcoming}
    context["may_schedule"] = access.may_schedule(group)
    return render(request, "papers/discussion_list.html", context)
