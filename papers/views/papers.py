"""The list of a group's papers, with filters, pages and exports."""

from urllib.parse import urlencode

from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from papers import access
from papers.library import cached_counts, exports, facets, list_counts, ranking
from papers.library.filters import (
    ALL_STATUSES,
    MY_VOTE_LABELS,
    NOT_FOR_ME,
    SORT_ORDERS,
    PaperFilter,
)
from papers.library.pagination import OrderedIds, RankedIds, page_number, paper_page
from papers.library.status_tabs import left_out, status_tabs
from papers.models import Paper


@require_safe
def paper_list(request, slug):
    """The papers that pass the filters, a page at a time."""
    group = access.group_for(request.user, slug)
    choice = PaperFilter(request.GET, group=group, user=request.user)
    if not choice.is_valid():
        return _render_invalid(request, choice)
    if form := exports.asked_format(request, exports.EXPORT_FORMATS):
        return exports.export_papers(request, choice, form)
    counts, first = cached_counts.counts_and_first_ids(choice)
    page = paper_page(_listed_ids(choice, counts, first), page_number(request.GET.get("page")))
    rows = _listed_papers(choice, page.object_list, first)
    query = choice.query_string(("page", page.number if page.number > 1 else ""))
    address = (request.path + query).removesuffix("?")
    if not request.htmx and request.GET.urlencode() != query[1:]:
        return redirect(address)
    response = _render_list(
        request, choice, counts, page=page, rows=rows, **_list_context(choice, counts, page)
    )
    return push_url(response, address) if request.htmx else response


def _listed_papers(choice, papers, ranked_ids):
    """The rows of ``papers``; if they are sorted by ranking, with their ranks and reasons."""
    ranks, reasons = {}, {}
    if choice.is_sorted_by_ranking:
        ranks = {pk: rank for rank, pk in enumerate(ranked_ids, start=1)}
        ranked = [paper for paper in papers if paper.pk in ranks]
        reasons = ranking.reasons_by_paper(choice.group, ranked)
    return list_counts.listed_papers(
        choice.group, papers, choice.user, stances=choice.my_votes, ranks=ranks, reasons=reasons
    )


def _listed_ids(choice, counts, first):
    if choice.is_sorted_by_best:
        return first
    if choice.is_sorted_by_ranking:
        rest = ranking.unranked_papers(choice.group, choice.filtered_papers())
        return RankedIds(first, OrderedIds(rest, counts.total - len(first)))
    return OrderedIds(
        choice.filtered_papers().order_by(*SORT_ORDERS[choice.sort]), counts.total, first
    )


def _render_invalid(request, choice):
    """Render no papers, and the errors at their fields; the counts are those of all papers."""
    query = QueryDict(f"status={ALL_STATUSES}")
    everything = PaperFilter(query, group=choice.group, user=choice.user)
    everything.is_valid()
    counts, _ = cached_counts.counts_and_first_ids(everything)
    return _render_list(request, choice, counts, status=422)


def _list_context(choice, counts, page):
    """The context around the list: chips, page numbers, exports."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    pages = [(number, _page_query(choice, number, page)) for number in numbers]
    if page.has_previous():
        pages.insert(0, ("previous", _page_query(choice, page.number - 1, page)))
    if page.has_next():
        pages.append(("next", _page_query(choice, page.number + 1, page)))
    return {
        "tabs": status_tabs(choice, counts.statuses),
        "chips": choice.chips(),
        "left_out": left_out(choice, counts.statuses),
        "not_for_me_query": choice.query_of([*choice.active_filters, ("mine", NOT_FOR_ME)]),
        "hidden_matches": 0 if choice.data.getlist("mine") else counts.mine[NOT_FOR_ME],
        "topic_query": "?" + urlencode([*_status_pairs(choice), ("topic", "")]),
        "all_query": choice.query_of(choice.other_filters),
        "has_papers": bool(counts.total) or choice.group.papers.exists(),
        "pages": pages,
        "exports": exports.export_links(choice, exports.EXPORT_FORMATS),
        "total": f"{counts.total:,}",
        "by_date": choice.query_string(sort="date"),
        "more_than_best": choice.is_sorted_by_best and counts.total > page.paginator.count,
    }


def _status_pairs(choice):
    return [pair for pair in choice.active_filters if pair[0] == "status"]


def _page_query(choice, number, page):
    """The query string of the page ``number``; "" for the current page and for "…"."""
    if number in (page.number, page.paginator.ELLIPSIS):
        return ""
    return choice.query_string(("page", number if number > 1 else ""))


def _render_list(request, choice, counts, *, status=200, **around):
    ticked = {name: choice.data.getlist(name) for name in ("status", "topic", "mine")}
    first, last = choice.cleaned_value("year_min"), choice.cleaned_value("year_max")
    shown = {
        "counts": counts,
        "statuses": [
            (value, label, counts.statuses[value], value in ticked["status"])
            for value, label in Paper.Status.choices
        ],
        "mine": [
            (value, label, counts.mine[value], value in ticked["mine"])
            for value, label in MY_VOTE_LABELS.items()
        ],
        "topics": [
            (*topic, topic[0] in ticked["topic"])
            for topic in counts.topics
            if topic[2] or topic[0] in ticked["topic"]
        ],
        "bars": facets.year_bars(counts.years, first, last),
        **around,
    }
    context = {"group": choice.group, "section": "papers", "choice": choice, "list": shown}
    whole = not request.htmx or request.htmx.history_restore_request
    template = "papers/paper_list.html" if whole else "papers/_paper_list.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response
