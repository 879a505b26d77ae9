"""Papers to choose from in the forms that create a meeting."""

from papers.library import ranking
from papers.models import Paper

SHOWN_PAPERS = 8  # of the ranking


def papers_for(request, group):
    """The papers to show, and the ids of those that are selected at first.

    The URL may name papers (``paper``), or ask for the first of the ranking (``top``).
    """
    top = list(ranking.ranked_papers(group)[:SHOWN_PAPERS])
    asked = [*request.GET.getlist("paper"), *request.POST.getlist("papers")]
    asked = [int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19]
    known = {paper.pk for paper in top}
    others = Paper.objects.in_group(group).filter(pk__in=[pk for pk in asked if pk not in known])
    chosen = [int(pk) for pk in asked] or [paper.pk for paper in top[:1] if "top" in request.GET]
    return [*others, *top], chosen
