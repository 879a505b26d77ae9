"""Votes and offers of members, and the organisers' pin."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from papers import access
from papers.forms import OfferForm, PinForm, VoteForm
from papers.library import list_counts, ranking, unread
from papers.models import Paper
from papers.services import voting
from papers.views.form_flow import next_url, or_not_found

LEFT_LIST = "“{}” has left your list of papers. The filter “Not for me” still shows it."


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
        problem = "That was no vote: load the page again."
    elif not paper.is_open_for_votes:
        problem = f"The paper is {paper.get_status_display().lower()}: it takes no votes now."
    if request.htmx:
        return _vote_fragment(request, paper) if not problem else HttpResponse(problem, status=422)
    if problem:
        messages.error(request, problem)
    if request.POST.get("stance") == "not" and not problem:
        # The row is gone, so the page opens at the top, with the message.
        messages.success(request, LEFT_LIST.format(paper.title))
        return redirect(next_url(request, paper))
    return redirect(next_url(request, paper, anchor=f"#p{paper.pk}"))


def _vote_fragment(request, paper):
    """Render what a vote changes: on a row of a list, or on the paper's own page."""
    group = paper.group
    context = {"group": group, "paper": paper, "back": request.POST.get("next", "")}
    if request.POST.get("look") == "row":
        reasons = ranking.reasons_by_paper(group, [paper])
        (context["row"],) = list_counts.listed_papers(group, [paper], request.user, reasons=reasons)
        return render(request, "papers/_voted_row.html", context)
    context["stand"] = list_counts.vote_summary(paper, request.user)
    context["reader"] = unread.reader_membership(request.user, paper)
    return render(request, "papers/_voted_page.html", context)


@require_POST
def set_pin(request, slug, pk):
    """Pin the paper to the top of the ranking, or unpin it."""
    paper = access.organised_paper_for(request.user, slug, pk)
    form = PinForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose to pin the paper, or not to.")
    else:
        is_pinned = form.cleaned_data["pinned"] == "yes"
        pinned_at = timezone.now() if is_pinned else None
        Paper.objects.filter(pk=paper.pk).update(pinned_at=pinned_at)
        said = (
            "Pinned: it stands at the top of the ranking."
            if is_pinned
            else "It is not pinned any more."
        )
        messages.success(request, said)
    return redirect(next_url(request, paper))
