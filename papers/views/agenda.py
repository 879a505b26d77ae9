"""The agenda of a meeting: its papers, their order, and the minutes planned for each."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from papers import access
from papers.forms import AddPaperForm, DirectionForm, MinutesForm
from papers.services import agenda
from papers.views.form_flow import run_or_message


@require_POST
def add_paper(request, slug, pk):
    """Add a paper to the agenda."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    form = AddPaperForm(request.POST, group=discussion.group)
    if not form.is_valid():
        messages.error(request, "Choose a paper of the group.")
        return redirect(discussion)
    paper = form.cleaned_data["paper"]
    return _run_and_redirect(
        request, discussion, agenda.add_papers, discussion=discussion, papers=[paper]
    )


@require_POST
def remove_item(request, slug, pk):
    """Remove a paper from the agenda."""
    item = access.run_agenda_item_for(request.user, slug, pk)
    return _run_and_redirect(request, item.discussion, agenda.remove_item, item=item)


@require_POST
def move_item(request, slug, pk):
    """Move an item one place up or down."""
    item = access.run_agenda_item_for(request.user, slug, pk)
    form = DirectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose up or down. Reload the page to try again.")
        return redirect(item.discussion)
    up = form.cleaned_data["direction"] == "up"
    return _run_and_redirect(request, item.discussion, agenda.move_item, item=item, up=up)


@require_POST
def set_minutes(request, slug, pk):
    """Set the minutes planned for a paper."""
    item = access.run_agenda_item_for(request.user, slug, pk)
    form = MinutesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Enter the minutes as a whole number, or leave them empty.")
        return redirect(item.discussion)
    minutes = form.cleaned_data["minutes"]
    return _run_and_redirect(
        request, item.discussion, agenda.set_minutes, item=item, minutes=minutes
    )


def _run_and_redirect(request, discussion, act, /, **given):
    run_or_message(request, act, **given)
    return redirect(f"{discussion.get_absolute_url()}#agenda")
