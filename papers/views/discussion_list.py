"""The meetings of a group: upcoming ones, date polls and the archive, as a list or by month."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from papers import access
from papers.discussions import archive, attendance, calendar_month, times
from papers.discussions.filters import PAST, POLLING, STATE_LABELS, UPCOMING, DiscussionFilter
from papers.forms.discussions import TOO_FAR
from papers.library import exports, ranking
from papers.library.pagination import PAGE_SIZE, page_number
from papers.models import AgendaItem, Availability, DateOption, Discussion, Group

SHOWN_PER_KIND = 10  # of each kind, before the archive; the filters have the rest


@dataclass(frozen=True)
class DiscussionRow:
    """A discussion, as a list shows it to one user."""

    discussion: Discussion
    when: times.MeetingTime | None
    year: str  # in the group's zone; "" without a date
    is_to_come: bool
    is_unfinished: bool  # it is over, and has no outcome yet
    answer_until: str  # the deadline of a date poll, or ""
    answer_count: int  # members who have answered every date to come of the poll
    has_answered: bool  # the user has, or there is none
    status: attendance.RsvpStatus  # the user's


@require_safe
def list_page(request, slug):
    """Upcoming meetings, date polls and the archive; if filters are set, the meetings that pass."""
    group = access.group_for(request.user, slug)
    choice = DiscussionFilter(request.GET, group=group)
    if not choice.is_valid():
        return _render_list(request, choice, status=422)
    if form := exports.asked_format(request, archive.EXPORT_FORMATS):
        return archive.export_discussions(request, choice, form)
    found = choice.listed_discussions().with_agenda()
    page = Paginator(found, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    query = choice.query_string(("page", page.number if page.number > 1 else ""))
    address = (request.path + query).removesuffix("?")
    if not request.htmx and request.GET.urlencode() != query[1:]:
        return redirect(address)
    response = _render_list(request, choice, page=page, **_list_context(request, choice, page))
    return push_url(response, address) if request.htmx else response


def _list_context(request, choice, page):
    """The rows of the page, and the context around the list."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    silent = {page.number, page.paginator.ELLIPSIS}
    context = {
        "meetings": _discussion_rows(page.object_list, choice.group, request.user),
        "total": page.paginator.count,
        "chips": choice.chips(),
        "pages": [
            (one, "" if one in silent else choice.query_string(("page", one if one > 1 else "")))
            for one in numbers
        ],
    }
    if choice.held_discussions().exists():
        context["exports"] = exports.export_links(choice, archive.EXPORT_FORMATS)
    if not choice.active_filters and page.number == 1:
        context |= _overview_context(request, choice)
    return context


def _overview_context(request, choice):
    """The first upcoming meetings, those over without an outcome, and the date polls."""
    group, user = choice.group, request.user
    discussions = Discussion.objects.in_group(group).with_agenda()
    unfinished = discussions.unfinished(choice.now)
    if not group.viewer.may_schedule:
        unfinished = unfinished.none()
    elif not group.viewer.may_organise:
        unfinished = unfinished.filter(created_by=user)
    shown = {
        "upcoming": discussions.upcoming(choice.now)[: SHOWN_PER_KIND + 1],
        "unfinished": unfinished[: SHOWN_PER_KIND + 1],
        "polls": discussions.polling()[: SHOWN_PER_KIND + 1],
    }
    found = {name: _discussion_rows(rows, group, user) for name, rows in shown.items()}
    return {
        **{name: rows[:SHOWN_PER_KIND] for name, rows in found.items()},
        "more": {name: len(rows) > SHOWN_PER_KIND for name, rows in found.items()},
        "upcoming_query": choice.query_string(("state", UPCOMING)),
        "polls_query": choice.query_string(("state", POLLING)),
        "past_query": choice.query_string(("state", PAST)),
    }


def _discussion_rows(discussions, group, user):
    """The rows of ``meetings``. Four queries, for any number of them."""
    discussions, zone, now = list(discussions), times.group_zone(group), timezone.now()
    ids = [discussion.pk for discussion in discussions]
    statuses = attendance.statuses_of(user, ids)
    answered = _users_who_answered(ids, group, now)
    rows = []
    for discussion in discussions:
        discussion.group = group
        is_to_come = discussion.is_scheduled and discussion.ends_at > now
        row = DiscussionRow(
            discussion=discussion,
            when=times.meeting_time(discussion, group, user),
            year=f"{discussion.starts_at.astimezone(zone):%Y}" if discussion.starts_at else "",
            is_to_come=is_to_come,
            is_unfinished=discussion.is_scheduled and not is_to_come,
            answer_until=times.deadline_text(discussion, group, user),
            answer_count=len(answered.get(discussion.pk, [])),
            has_answered=user.pk in answered.get(discussion.pk, [user.pk]),
            status=statuses.get(discussion.pk, attendance.NO_ANSWER),
        )
        rows.append(row)
    return rows


def _users_who_answered(ids, group, now):
    """Poll id -> ids of the members who answered every date to come; for polls that have one."""
    options = DateOption.objects.filter(discussion__in=ids).open_at(now).order_by()
    numbers = dict(options.values_list("discussion").annotate(Count("pk")))
    answers = Availability.objects.filter(option__in=options, user__in=group.active_user_ids())
    given = answers.order_by().values_list("option__discussion", "user").annotate(Count("pk"))
    found = {poll: set() for poll in numbers}
    for poll, user, number in given:
        if number == numbers[poll]:
            found[poll].add(user)
    return found


def _render_list(request, choice, *, status=200, **around):
    group, chosen = choice.group, choice.data
    shown = {
        **_scheduling_context(group),
        "members": group.active_user_ids().count(),
        "states": [(*one, one[0] in chosen.getlist("state")) for one in STATE_LABELS.items()],
        "verdicts": [
            (*one, one[0] in chosen.getlist("verdict")) for one in AgendaItem.Verdict.choices
        ],
        "topics": [
            (slug, name, slug in chosen.getlist("topic"))
            for slug, name in choice.topic_names.items()
            if slug in choice.used_topic_slugs or slug in chosen.getlist("topic")
        ],
        "years": [f"{year}" for year in choice.years],
        **around,
    }
    context = {"group": group, "section": "discussions", "way": "list", "choice": choice}
    context["list"] = shown
    whole = not request.htmx or request.htmx.history_restore_request
    template = "papers/discussion_list.html" if whole else "papers/_discussion_list.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def _scheduling_context(group):
    """Whether the user may schedule a meeting, and the paper that most members want, if any."""
    may = group.viewer.may_schedule
    return {"may_schedule": may, "top_paper": ranking.top_paper(group) if may else None}


@require_safe
def month_page(request, slug):
    """The month named by ``month``, such as 2026-12; by default the current month."""
    group = access.group_for(request.user, slug)
    zone = times.reader_zone(request.user, group)
    today = timezone.now().astimezone(zone).date()
    this = calendar_month.Month(today.year, today.month)
    asked = request.GET.get("month")
    shown = calendar_month.Month.from_text(asked) if asked else this
    if shown is None:
        raise Http404
    last = today + TOO_FAR - timedelta(days=1)  # the form refuses later days
    may = group.viewer.may_schedule
    weeks = calendar_month.month_weeks(
        shown, group, zone, today=today, schedulable=lambda day: may and today <= day <= last
    )
    statuses = attendance.statuses_of(request.user, calendar_month.discussion_ids(weeks))
    context = {
        "group": group,
        "section": "discussions",
        "way": "month",
        "month": shown,
        "this": this,
        "weekdays": [day.label for day in Group.Weekday],
        "weeks": weeks,
        "days": [day for week in weeks for day in week if day and day.entries],
        "waiting": {pk for pk, status in statuses.items() if status.is_waiting},
        "zone": zone.key,
        **_scheduling_context(group),
    }
    return render(request, "papers/discussion_month.html", context)
