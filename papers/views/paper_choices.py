"""Papers to choose from, on the forms that make a meeting."""

from papers.library import ranking
from papers.models import Paper

SHOWN_PAPERS = 8  # of the ranking


def papers_for(request, group):
    """Papers to choose from: (those to show, ids of those that are chosen at first).

    The address may name papers (``paper``), or ask for the first of the ranking (``top``).
    """
    top = list(ranking.ranked_papers(group)[:SHOWN_PAPERS])
    asked = [*request.GET.getlist("paper"), *request.POST.getlist("papers")]
    asked = [int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19]
    known = {paper.pk for paper in top}
    others = Paper.objects.in_group(group).filter(pk__in=[pk for pk in asked if pk not in known])
    chosen = [int(pk) for pk in asked] or [paper.pk for paper in top[:1] if "top" in request.GET]
    return [*others, *top], chosen
