"""A meeting for calendars: links and an iCalendar file."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import access
from papers.discussions import attendance, calendar_export, calendar_links


def discussion_context(request, discussion, items):
    """The calendar links for the page of ``discussion``; empty if it has no date or is over."""
    if not discussion.is_scheduled or discussion.ends_at <= timezone.now():
        return {}
    is_waiting = _is_waiting(request.user, discussion)
    links = {
        "google": calendar_links.google_link(discussion, is_waiting=is_waiting),
        "outlook": calendar_links.outlook_link(discussion, is_waiting=is_waiting),
    }
    return {"calendar_links": links}


def _is_waiting(user, discussion):
    """Whether ``user`` is on the waiting list of ``discussion``."""
    statuses = attendance.statuses_of(user, [discussion.pk])
    return statuses.get(discussion.pk, attendance.NO_ANSWER).is_waiting


@require_safe
def ics_file(request, slug, pk):
    """The meeting as an iCalendar file. A 404 if it has no date."""
    discussion = access.discussion_for(request.user, slug, pk)
    if discussion.calendar_span is None:
        raise Http404
    discussion.fetch_agenda()
    entry = calendar_export.CalendarEntry.for_everyone(discussion)
    entry = replace(entry, is_waiting=_is_waiting(request.user, discussion))
    body = calendar_export.build_calendar([entry], str(discussion.group))
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    name = f"{discussion.group.slug}-meeting-{discussion.pk}.ics"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
