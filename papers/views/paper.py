"""The page of a paper; its status and topics."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from papers import access
from papers.discussions import times
from papers.forms import StatusForm, TopicsForm
from papers.library import list_counts
from papers.library.bibtex import bibtex_file
from papers.library.find_links import search_links
from papers.models import Discussion, Paper
from papers.services import status_and_topics
from papers.views import comments, outcomes

SHOWN_MEETINGS = 3
SHOWN_ENTRIES = 50  # a paper may be in every listing for years


@require_safe
def paper_page(request, slug, pk):
    """The paper with its text, links and sources."""
    return _render_page(request, access.paper_for(request.user, slug, pk))


@require_safe
def bibtex_text(request, slug, pk):
    """The BibTeX entry of the paper, as plain text to copy."""
    paper = access.paper_for(request.user, slug, pk)
    return HttpResponse(bibtex_file(paper), content_type="text/plain; charset=utf-8")


@require_POST
def set_status(request, slug, pk):
    """Set the status of the paper."""
    paper = access.organised_paper_for(request.user, slug, pk)
    before = paper.status
    form = StatusForm(request.POST, instance=paper)
    if not form.is_valid():
        paper.status = before
        return _render_page(request, paper, status_form=form)
    chosen = Paper.objects.filter(pk=paper.pk)
    status_and_topics.set_status(papers=chosen, status=form.cleaned_data["status"])
    messages.success(request, f"The status is now: {paper.get_status_display().lower()}.")
    return redirect(paper)


@require_POST
def set_topics(request, slug, pk):
    """Set the topics of the paper, by name."""
    paper = access.organised_paper_for(request.user, slug, pk)
    form = TopicsForm(request.POST)
    if not form.is_valid():
        return _render_page(request, paper, topics_form=form)
    status_and_topics.set_topics(paper=paper, names=form.cleaned_data["topics"])
    messages.success(request, "The topics are saved.")
    return redirect(paper)


def _render_page(request, paper, *, status_form=None, topics_form=None):
    """Render the page, with a form that has errors if one is given."""
    topics = list(paper.topics.all())
    context = {
        "group": paper.group,
        "section": "papers",
        "paper": paper,
        "topics": topics,
        "entries": _source_entries(paper),
        "stand": list_counts.vote_summary(paper, request.user),
        **comments.thread_context(request, paper),
        **outcomes.paper_context(paper, request.user),
        "link_host": urlsplit(paper.link).hostname,
        "find_links": [] if paper.best_link else search_links(paper.title),
        "may_edit": paper.group.viewer.may_edit_paper(paper),
        "may_withdraw": paper.group.viewer.may_withdraw_paper(paper),
    }
    if paper.group.viewer.may_schedule:
        context["open_meetings"] = _joinable_meetings(request.user, paper)
        context["may_schedule"] = True
    if paper.group.viewer.may_organise:
        names = ", ".join(topic.name for topic in topics)
        context |= {
            "status_form": status_form or StatusForm(instance=paper),
            "topics_form": topics_form or TopicsForm(initial={"topics": names}),
            "all_topics": paper.group.topics.all(),
        }
    status = 422 if status_form or topics_form else 200
    return render(request, "papers/paper.html", context, status=status)


def _joinable_meetings(user, paper):
    """The next meetings to whose agenda ``user`` may add ``paper``, with their times and zone."""
    group = paper.group
    discussions = (
        Discussion.objects.in_group(group).upcoming(timezone.now()).filter(is_written=False)
    )
    if not group.viewer.may_organise:
        discussions = discussions.filter(created_by=user)
    discussions = discussions.exclude(agenda__paper=paper)[:SHOWN_MEETINGS]
    rows = [(discussion, times.meeting_time(discussion, group, user)) for discussion in discussions]
    return {"rows": rows, "zone": times.reader_zone(user, group).key}


def _source_entries(paper):
    """The entries of listings that created or changed the paper, the latest first."""
    entries = paper.entries.applied_to_papers().order_by("-listing", "position")
    entries = entries.select_related("listing__created_by")
    fields = [
        "paper",
        "line",
        "last_line",
        "listing__name",
        "listing__captured_on",
        "listing__created_by",
    ]
    fields += ["listing__created_by__username", "listing__created_by__name"]
    return entries.only(*fields)[:SHOWN_ENTRIES]
