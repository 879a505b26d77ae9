"""Votes and offers of members, and the organisers' pin."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from papers import access
from papers.forms import OfferForm, PinForm, VoteForm
from papers.library import cached_counts, list_counts, ranking, unread
from papers.library.filters import MY_VOTE_LABELS, PaperFilter
from papers.models import Paper
from papers.services import voting
from papers.views.form_flow import next_url, or_not_found

HIDDEN = "“{}” is hidden from your list of papers. The filter “Not for me” shows it."


@require_POST
def set_vote(request, slug, pk):
    """Vote on the paper, or take my vote back."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = VoteForm(request.POST)
    if form.is_valid() and paper.is_open_for_votes:
        with or_not_found():
            voting.set_vote(paper=paper, user=request.user, stance=form.cleaned_data["stance"])
    return _vote_response(request, paper, form)


@require_POST
def set_offer(request, slug, pk):
    """Offer to present the paper, or take my offer back."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = OfferForm(request.POST)
    if form.is_valid() and paper.is_open_for_votes:
        can_present = form.cleaned_data["can_present"] == "yes"
        with or_not_found():
            voting.set_offer(paper=paper, user=request.user, can_present=can_present)
    return _vote_response(request, paper, form)


def _vote_response(request, paper, form):
    """Redirect to the page of the vote; for htmx, render the fragment with the new counts."""
    problem = ""
    if not form.is_valid():
        problem = "Your vote was not understood. Reload the page and try again."
    elif not paper.is_open_for_votes:
        problem = (
            f"The paper is {paper.get_status_display().lower()}, so you cannot vote for it now."
        )
    if request.htmx:
        return _vote_fragment(request, paper) if not problem else HttpResponse(problem, status=422)
    if problem:
        messages.error(request, problem)
    if request.POST.get("stance") == "not" and not problem:
        # The row is hidden, so the page opens at the top, with the message.
        messages.success(request, HIDDEN.format(paper.title))
        return redirect(next_url(request, paper))
    return redirect(next_url(request, paper, anchor=f"#p{paper.pk}"))


def _vote_fragment(request, paper):
    """Render what a vote changes: on a row of a list, or on the paper's own page."""
    group = paper.group
    context = {"group": group, "paper": paper, "back": request.POST.get("next", "")}
    if request.POST.get("look") == "row":
        reasons = ranking.reasons_by_paper(group, [paper])
        (context["row"],) = list_counts.listed_papers(group, [paper], request.user, reasons=reasons)
        context["mine"] = _my_vote_counts(request, group)
        return render(request, "papers/_voted_row.html", context)
    context["stand"] = list_counts.vote_summary(paper, request.user)
    context["reader"] = unread.reader_membership(request.user, paper)
    return render(request, "papers/_voted_page.html", context)


def _my_vote_counts(request, group):
    """(value, count) of each choice of "my vote" in the list that the vote was cast in, if any."""
    there = urlsplit(request.POST.get("next", ""))
    choice = PaperFilter(QueryDict(there.query), group=group, user=request.user)
    if there.path != reverse("papers", args=[group.slug]) or not choice.is_valid():
        return []
    counts = cached_counts.facet_counts(choice)
    return [(value, counts.mine[value]) for value in MY_VOTE_LABELS]


@require_POST
def set_pin(request, slug, pk):
    """Pin the paper to the top of the ranking, or unpin it."""
    paper = access.organised_paper_for(request.user, slug, pk)
    form = PinForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose whether to pin the paper.")
    else:
        is_pinned = form.cleaned_data["pinned"] == "yes"
        pinned_at = timezone.now() if is_pinned else None
        Paper.objects.filter(pk=paper.pk).update(pinned_at=pinned_at)
        said = (
            "The paper is pinned to the top of the ranking."
            if is_pinned
            else "The paper is no longer pinned."
        )
        messages.success(request, said)
    return redirect(next_url(request, paper))
