"""Proposals: papers that members add by hand."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from papers import access
from papers.forms import EditPaperForm, ProposalForm, post_data
from papers.services import proposing
from papers.submit_once import submit_once


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def propose_paper(request, slug):
    """Add a paper. If the group has it already, or a similar one, show that instead."""
    group = access.joined_group_for(request.user, slug)
    form, found = ProposalForm(post_data(request)), proposing.ProposalResult()
    if form.is_valid():
        found = _save_proposal(request, group, form)
        if found.paper:
            messages.success(request, "The paper was added.")
            return redirect(found.paper)
    known = found.duplicate or found.lookalike
    context = {
        "group": group,
        "section": "papers",
        "form": form,
        "same": found.duplicate,
        "known": known,
    }
    status = 422 if form.is_bound else 200
    return render(request, "papers/paper_propose.html", context, status=status)


def _save_proposal(request, group, form):
    """Propose the paper; if the account was deleted meanwhile, the form has the error."""
    seen = request.POST.get("seen", "")
    try:
        return proposing.propose_paper(group=group, by=request.user, seen=seen, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return proposing.ProposalResult()


@require_http_methods(["GET", "HEAD", "POST"])
def edit_paper(request, slug, pk):
    """Correct the texts and the address of a paper."""
    paper = access.editable_paper_for(request.user, slug, pk)
    form = EditPaperForm(post_data(request), paper=paper)
    if form.is_valid():
        try:
            proposing.edit_paper(paper=paper, changes=form.changed_values(), by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "The paper was saved.")
            return redirect(paper)
    context = {"group": paper.group, "section": "papers", "paper": paper, "form": form}
    status = 422 if form.errors else 200
    return render(request, "papers/paper_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_proposal(request, slug, pk):
    """Withdraw my own proposal."""
    paper = access.own_proposal_for(request.user, slug, pk)
    if request.method == "POST":
        try:
            proposing.withdraw_paper(paper=paper, by=request.user)
        except ValidationError as error:
            problem = error.message
        else:
            messages.success(request, "The proposal was withdrawn.")
            return redirect("papers", slug)
    else:
        problem = proposing.why_not_withdraw(paper, by=request.user)
    context = {"group": paper.group, "section": "papers", "paper": paper, "problem": problem}
    status = 422 if request.method == "POST" else 200
    return render(request, "papers/paper_withdraw.html", context, status=status)
