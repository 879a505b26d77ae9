"""The step of the group settings that asks what meetings keep in a new time zone."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from papers import access
from papers.discussions import zone_change
from papers.forms import ZoneChangeForm, post_data
from papers.models.time_zones import time_zones
from papers.services import group_settings


@require_http_methods(["GET", "HEAD", "POST"])
def change_zone(request, slug):
    """Ask whether upcoming meetings keep their local times or their moments, and change the zone.

    ``to`` in the query: the new time zone.
    """
    group = access.organised_group_for(request.user, slug)
    zone = request.POST.get("to") or request.GET.get("to", "")
    if zone not in time_zones() or zone == group.time_zone:
        return redirect("group-settings", slug)
    affected = zone_change.affected_by_zone(group)
    examples = affected.example and zone_change.zone_examples(group, zone, affected.example)
    form = ZoneChangeForm(post_data(request), initial={"to": zone}, examples=examples)
    if form.is_valid() and _save_zone(request, group, form):
        told = " The members are notified." if affected else ""
        messages.success(request, f"The time zone is {zone} now.{told}")
        return redirect("group-settings", slug)
    context = {"group": group, "section": "settings", "form": form}
    context |= {"zone": zone, "affected": affected}
    return render(request, "papers/group_zone.html", context, status=422 if form.errors else 200)


def _save_zone(request, group, form):
    """Change the zone. Returns whether that was possible; otherwise the form says why not."""
    group.time_zone = form.cleaned_data["to"]
    try:
        group_settings.change_group(
            group=group, by=request.user, fields=["time_zone"], keep=form.cleaned_data["keep"]
        )
    except ValidationError as error:
        group.refresh_from_db(fields=["time_zone"])
        form.add_error(None, error)
        return False
    return True
