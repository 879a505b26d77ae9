"""Secret feed addresses: the page where members manage them, and the feeds themselves."""

import hashlib
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_safe

from papers import atom
from papers.discussions import attendance, calendar_export
from papers.forms import FeedForm, feed_name, post_data
from papers.models import Feed
from papers.notifications import encryption
from papers.services import feeds
from papers.submit_once import submit_once
from papers.views.form_flow import or_not_found

NEW_FEED_KEY = "new_feed"  # in the session
CALENDAR_KINDS = [kind for kind in Feed.Kind if kind not in Feed.NEWS_KINDS]


@dataclass(frozen=True)
class FeedRow:
    """A secret address, as the list of them shows it."""

    feed: Feed
    name: str
    is_open: bool  # False: of a group that its owner has left

    @classmethod
    def of_feed(cls, feed, group_ids):
        """The row of ``feed``, whose owner is a member of the groups ``group_ids``."""
        is_open = feed.group_id is None or feed.group_id in group_ids
        name = feed_name(feed.kind, feed.group if is_open else "a group you have left")
        return cls(feed, name, is_open)


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def feeds_page(request):
    """List my secret addresses and create new ones; each is shown once: only its hash is stored.

    ``group`` in the query: the slug of a group whose calendar is chosen already.
    """
    chosen = request.GET.get("group", "")
    form = FeedForm(post_data(request), user=request.user, chosen=chosen)
    if form.is_valid():
        try:
            with or_not_found():
                feed, token = feeds.create_feed(user=request.user, **form.feed_values)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            # In the session until the page is shown; encrypted: no token is stored in clear text.
            request.session[NEW_FEED_KEY] = [feed.pk, encryption.encrypt(token)]
            return redirect("feeds")
    mine = {group.pk for group in form.groups.values()}
    rows = [FeedRow.of_feed(feed, mine) for feed in request.user.feeds.select_related("group")]
    context = {"form": form, "rows": rows, **_new_feed_context(request)}
    return render(request, "account/feeds.html", context, status=422 if form.errors else 200)


def _new_feed_context(request):
    """The context of the address just created, to show once; empty if there is none."""
    pk, token = request.session.pop(NEW_FEED_KEY, (None, ""))
    feed = pk and request.user.feeds.filter(pk=pk).first()
    if not feed:
        return {}
    name = "feed-news" if feed.kind in Feed.NEWS_KINDS else "feed-calendar"
    address = request.build_absolute_uri(reverse(name, args=[encryption.decrypt(token)]))
    subscribe = "" if feed.kind in Feed.NEWS_KINDS else f"webcal://{address.partition('://')[2]}"
    return {"new_address": address, "subscribe": subscribe}


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_feed(request, pk):
    """Ask for confirmation, and revoke an address."""
    feed = get_object_or_404(request.user.feeds.select_related("group"), pk=pk)
    if request.method != "POST":
        mine = set(request.user.memberships.values_list("group", flat=True))
        context = {"feed": feed, "name": FeedRow.of_feed(feed, mine).name}
        return render(request, "account/feed_revoke.html", context)
    feeds.revoke_feed(feed=feed)
    messages.success(request, "The link is revoked. It no longer works.")
    return redirect("feeds")


@login_not_required
@require_safe
def calendar_feed(request, token):
    """The meetings, for a calendar that subscribes to them."""
    feed = _feed_or_404(token, CALENDAR_KINDS)
    discussions = list(feeds.calendar_discussions(feed))
    statuses = attendance.statuses_of(feed.user, [one.pk for one in discussions])
    waiting = {pk for pk, status in statuses.items() if status.is_waiting}
    entries = [_calendar_entry(feed, one, is_waiting=one.pk in waiting) for one in discussions]
    body = calendar_export.build_calendar(entries, feed_name(feed.kind, feed.group))
    return _conditional_response(request, feed, body, "text/calendar; charset=utf-8")


def _calendar_entry(feed, discussion, *, is_waiting):
    is_off = calendar_export.is_off(discussion) or feeds.has_declined(feed, discussion)
    return calendar_export.CalendarEntry(
        discussion, is_off, feed.alarm_minutes, is_waiting=is_waiting
    )


@login_not_required
@require_safe
def news_feed(request, token):
    """New papers, or meetings as they change, as an Atom feed."""
    feed = _feed_or_404(token, Feed.NEWS_KINDS)
    if feed.kind == Feed.Kind.PAPERS:
        body = atom.papers_feed(feed.group, feeds.newest_papers(feed.group))
    else:
        discussions = feeds.recently_changed_discussions(feed.group)
        body = atom.discussions_feed(feed, discussions)
    return _conditional_response(request, feed, body, "application/atom+xml; charset=utf-8")


def _feed_or_404(token, kinds):
    """The feed of ``token``, marked as used; a 404 tells no reason to those who may not read it."""
    feed = feeds.feed_for_token(token, kinds)
    if feed is None:
        raise Http404
    feeds.record_use(feed=feed)
    return feed


def _conditional_response(request, feed, body, content_type):
    """``body``, or 304 if the client has it already.

    The ETag is a hash of it, without a date: a removed entry leaves no newer date behind.
    """
    response = HttpResponse(body, content_type=content_type)
    response["Cache-Control"] = "private, no-cache"  # kept by the client, and revalidated
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
