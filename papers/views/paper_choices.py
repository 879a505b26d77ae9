"""Papers to choose from in the forms that create a meeting."""

from django.contrib import messages

from papers.library import ranking
from papers.models import Paper

SHOWN_PAPERS = 8  # of the ranking
NOBODY_WANTS = "No member wants to discuss the paper at the top of the ranking yet. Choose a paper."


def papers_for(request, group):
    """The papers to show, and the ids of those that are selected at first.

    The URL may name papers (``paper``), or ask for the first of the ranking (``top``). Unless a
    member wants that one, none is selected, and a message says so.
    """
    top = list(ranking.ranked_papers(group)[:SHOWN_PAPERS])
    asked = [*request.GET.getlist("paper"), *request.POST.getlist("papers")]
    asked = [int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19]
    known = {paper.pk for paper in top}
    others = Paper.objects.in_group(group).filter(pk__in=[pk for pk in asked if pk not in known])
    chosen = asked or _top_choice(request, top)
    return [*others, *top], chosen


def _top_choice(request, ranked):
    """The id of the first of ``ranked``, in a list, if the request asks for it."""
    if "top" not in request.GET:
        return []
    wanted = [paper.pk for paper in ranked[:1] if paper.wanting]
    if not wanted and request.method == "GET":
        messages.info(request, NOBODY_WANTS)
    return wanted
