"""A meeting for calendars: links and an iCalendar file."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import access
from papers.discussions import calendar_export


def discussion_context(request, discussion, items):
    """The calendar links for the page of ``discussion``; empty if it has no date or is over."""
    if not discussion.is_scheduled or discussion.ends_at <= timezone.now():
        return {}
    links = {
        "google": calendar_export.google_link(discussion),
        "outlook": calendar_export.outlook_link(discussion),
    }
    return {"calendar_links": links}


@require_safe
def ics_file(request, slug, pk):
    """The meeting as an iCalendar file. A 404 if it has no date."""
    discussion = access.discussion_for(request.user, slug, pk)
    if discussion.calendar_span is None:
        raise Http404
    discussion.fetch_agenda()
    body = calendar_export.build_calendar(
        [calendar_export.CalendarEntry.for_everyone(discussion)], str(discussion.group)
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    name = f"{discussion.group.slug}-meeting-{discussion.pk}.ics"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
