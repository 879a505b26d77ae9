"""What organisers say of their group."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from papers import access
from papers.forms import GroupForm, sent


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request, slug):
    """Name, zone, the usual meeting, and whether anyone may ask to join."""
    group = access.organised_group_for(request.user, slug)
    form = GroupForm(sent(request), instance=group)
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
