"""Votes and offers of members; and the organisers' pin."""

from contextlib import contextmanager

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from papers import access, tallies
from papers.forms import OfferForm, PinForm, VoteForm
from papers.models import Paper
from papers.services import voting


@require_POST
def vote(request, slug, pk):
    """Say what I want of the paper, or take it back."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = VoteForm(request.POST)
    if form.is_valid() and paper.is_open_for_votes:
        with _or_not_found():
            voting.vote(paper=paper, user=request.user, stance=form.cleaned_data["stance"])
    return _answer(request, paper, form)


@require_POST
def offer(request, slug, pk):
    """Say that I can present the paper, or no longer."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = OfferForm(request.POST)
    if form.is_valid() and paper.is_open_for_votes:
        can_present = form.cleaned_data["can_present"] == "yes"
        with _or_not_found():
            voting.offer(paper=paper, user=request.user, can_present=can_present)
    return _answer(request, paper, form)


@contextmanager
def _or_not_found():
    """A paper may go while somebody votes for it."""
    try:
        yield
    except Paper.DoesNotExist as error:
        raise Http404 from error


def _answer(request, paper, form):
    """Back to where it was said; to a script, how the paper stands now."""
    problem = ""
    if not form.is_valid():
        problem = "That was no vote: load the page again."
    elif not paper.is_open_for_votes:
        problem = f"The paper is {paper.get_status_display().lower()}: it takes no votes now."
    if request.htmx:
        return _box(request, paper) if not problem else HttpResponse(problem, status=422)
    if problem:
        messages.error(request, problem)
    elif request.POST.get("stance") == "not":
        messages.success(
            request, f"“{paper.title}” has left your lists. “My vote: not for me” still shows it."
        )
    return redirect(_back(request, paper))


def _box(request, paper):
    """The fragment that the vote was given in: the row's, or the one of the paper's page."""
    context = {"group": paper.group, "paper": paper, "back": request.POST.get("next", "")}
    if request.POST.get("look") == "row":
        tallies.add(paper.group, [paper], request.user)
        return render(request, "papers/_vote.html", context)
    context |= tallies.stand(paper, request.user)
    return render(request, "papers/_stand.html", context)


def _back(request, paper):
    """The row of the paper on the page where the form was, a page of ours; or its own page."""
    there = request.POST.get("next", "")
    if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return f"{there.partition('#')[0]}#p{paper.pk}"
    return paper


@require_POST
def pin(request, slug, pk):
    """Put the paper on top of the ranking, or back to where votes put it."""
    paper = access.organised_paper_for(request.user, slug, pk)
    form = PinForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose to pin the paper, or not to.")
    else:
        is_pinned = form.cleaned_data["pinned"] == "yes"
        paper.pinned_at = timezone.now() if is_pinned else None
        paper.save(update_fields=["pinned_at"])
        said = (
            "Pinned: it stands first in the ranking." if is_pinned else "It is not pinned any more."
        )
        messages.success(request, said)
    return redirect(_back(request, paper))
