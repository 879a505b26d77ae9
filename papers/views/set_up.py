"""Setting up a new group, and a superuser joining a group."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from papers import access, setup_steps
from papers.forms import SetUpForm, post_data
from papers.services import group_setup, memberships


@require_http_methods(["GET", "HEAD", "POST"])
def set_up_group(request, slug):
    """Set up a new group: name, address, time zone and usual hour; I become its organiser."""
    group = access.organised_group_for(request.user, slug)
    if group.set_up_at:
        return redirect(group)
    form = SetUpForm(post_data(request), instance=group)
    if form.is_valid():
        try:
            group = group_setup.set_up_group(group=group, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{group} is set up, and you are an organiser.")
            return redirect(group)
    if form.errors:
        group.refresh_from_db(fields=form.Meta.fields)
    context = {"group": group, "set_up": set_up_context(group, form)}
    return render(request, "papers/set_up.html", context, status=422 if form.errors else 200)


def set_up_context(group, form=None):
    """The context of the card with the set-up steps; None if the viewer is shown none."""
    steps = setup_steps.steps_to_show(group)
    if steps is None and form is None:
        return None
    return {"steps": steps, "form": form or SetUpForm(instance=group)}


@require_POST
def dismiss_steps(request, slug):
    """Hide the card with the set-up steps."""
    group = access.organised_group_for(request.user, slug)
    group_setup.dismiss_steps(group)
    return redirect(group)


@require_POST
def join_as_organiser(request, slug):
    """Make me an organiser of the group. For superusers, who see and organise it anyway."""
    group = access.group_for(request.user, slug)
    if not request.user.is_superuser:
        raise PermissionDenied
    memberships.make_organiser(group=group, user=request.user)
    messages.success(request, f"You are an organiser of {group}.")
    return redirect(group)
