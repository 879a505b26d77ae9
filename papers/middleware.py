"""Middleware: request ids, limits, security headers, second factor and time zone."""

import codecs
import json
import re
import secrets
from datetime import tzinfo
from itertools import chain
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import Http404, UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.defaults import bad_request, page_not_found
from django_htmx.http import HttpResponseClientRedirect

from papers import security_log
from papers.discussions import times
from papers.models import Group, first_known_zone
from papers.services import group_addresses
from readinggroup import logs

REFUSAL_STATUSES = {400, 403, 413, 429}

DENIED_FEATURES = ["accelerometer", "camera", "display-capture", "geolocation", "gyroscope"]
DENIED_FEATURES += ["hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"]
ALLOWED_FEATURES = ["publickey-credentials-create", "publickey-credentials-get"]
PERMISSIONS_POLICY = ", ".join(
    [*(f"{name}=()" for name in DENIED_FEATURES), *(f"{name}=(self)" for name in ALLOWED_FEATURES)]
)

# Surrogates come only from broken encodings, and no database accepts them.
FORBIDDEN_CHARACTERS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
FORBIDDEN_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

SECOND_FACTOR_MESSAGE = (
    "One more step: organisers and superusers need a second factor besides their password. Set up "
    "an authenticator app or add a passkey to continue."
)
EXEMPT_FROM_SECOND_FACTOR = {"healthz", "readyz", "logout", "mail-stop", "me", "preferences"}
EXEMPT_FROM_SECOND_FACTOR |= {"favicon"}


def request_id(get_response):
    """Give each request a random id, for its log entries and its response; log refusals.

    An id sent by the client is ignored: it could belong to another request, or contain anything.
    """

    def middleware(request):
        new_id = secrets.token_hex(8)
        token = logs.request_id.set(new_id)
        try:
            response = get_response(request)
            if _is_refusal(request, response):
                fields = {"method": request.method, "route": logs.route_pattern(request)}
                security_log.log_event("refused", request, status=response.status_code, **fields)
        finally:
            logs.request_id.reset(token)
        response.headers["X-Request-ID"] = new_id
        return response

    return middleware


def _is_refusal(request, response):
    """Whether access was refused. A 404 of a known page counts: see ``access`` for hidden rows."""
    if response.status_code == 404 and request.resolver_match and hasattr(request, "user"):
        return request.user.is_authenticated
    return response.status_code in REFUSAL_STATUSES


def security_headers(get_response):
    """Set headers that forbid caching, use by other sites, and features such as the camera."""

    def middleware(request):
        response = get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def request_limits(get_response):
    """Refuse requests that are too large or have characters that no browser sends."""

    def middleware(request):
        if _content_length(request) > _max_content_length(request):
            return render(request, "413.html", status=413)
        if _has_odd_characters(request):
            return bad_request(request, None)
        return get_response(request)

    def process_view(request, view, args, kwargs):
        """Check the fields of a form, except an uploaded listing: its parser handles anything."""
        if request.method != "POST" or _is_listing(request):
            return None
        try:
            is_odd = any(map(FORBIDDEN_IN_TEXT.search, _names_and_values(request.POST)))
        except UnreadablePostError:  # the client is gone
            is_odd = True
        is_odd = is_odd or not _is_readable(request.POST)
        return bad_request(request, None) if is_odd else None

    middleware.process_view = process_view
    return middleware


def _is_listing(request):
    """Whether this is the upload of a listing, the only form that may be large or odd."""
    return request.path == reverse("admin:papers_listing_add")


def _content_length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # as Django reads it


def _max_content_length(request):
    if _is_listing(request):
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE + settings.LISTING_MAX_BYTES
    return settings.FORM_MAX_BYTES


def _has_odd_characters(request):
    """Whether the address, headers or cookies have forbidden characters."""
    # In another encoding the checks below would look at the wrong characters.
    if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
        return True
    if not _is_readable(request.GET):
        return True
    names = (name for name in request.META if name.startswith(("HTTP_", "CONTENT_")))
    texts = chain(
        [request.path_info], _names_and_values(request.GET), chain(*request.COOKIES.items())
    )
    return any(map(FORBIDDEN_CHARACTERS.search, texts)) or any(
        FORBIDDEN_IN_TEXT.search(str(request.META[name])) for name in names
    )


def _is_readable(data):
    """Whether ``next`` and ``credential`` can be parsed; allauth raises an error otherwise."""
    try:
        urlsplit(data.get("next", ""))
        json.loads(data.get("credential") or "null")
    except (ValueError, RecursionError):
        return False
    return True


def _names_and_values(data):
    """The names and the values of a QueryDict."""
    return chain.from_iterable((name, *values) for name, values in data.lists())


def require_second_factor(get_response):
    """Redirect users who need a second factor and have none to the page for setting it up."""

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        match = request.resolver_match
        if match.route.startswith("accounts/") or match.url_name in EXEMPT_FROM_SECOND_FACTOR:
            return None
        return None if _is_strong_enough(request.user) else _redirect_to_second_factor(request)

    middleware.process_view = process_view
    return middleware


def _is_strong_enough(user):
    """Whether ``user`` has the second factor that is required.

    This is checked at every request, so that a change takes effect at once.
    """
    from allauth.mfa.models import Authenticator

    from papers.accounts import needs_second_factor

    if not user.is_authenticated or not needs_second_factor(user):
        return True
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def _redirect_to_second_factor(request):
    """Redirect with a message, unless the message is waiting already."""
    if Message(messages.WARNING, SECOND_FACTOR_MESSAGE) not in messages.get_messages(request):
        messages.warning(request, SECOND_FACTOR_MESSAGE)
    to = reverse("mfa_index")
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


def not_found(get_response):
    """Show our 404 page in DEBUG too, instead of Django's."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        return page_not_found(request, exception) if isinstance(exception, Http404) else None

    middleware.process_exception = process_exception
    return middleware


def former_addresses(get_response):
    """Redirect from a former address of a group to its present one, for those who may open it."""

    def middleware(request):
        response = get_response(request)
        slug = request.resolver_match and request.resolver_match.kwargs.get("slug")
        if response.status_code != 404 or not slug:
            return response
        group = group_addresses.group_at_former_slug(slug, request.user)
        if group is None:
            return response
        address = request.get_full_path().replace(f"/{slug}/", f"/{group.slug}/", 1)
        return redirect(address, preserve_request=True)

    return middleware


class LazyZone(tzinfo):
    """A time zone that is looked up when the first time is shown in it: most requests show none."""

    def __init__(self, look_up):
        self._look_up = look_up

    @cached_property
    def zone(self):
        return self._look_up()

    def utcoffset(self, moment):
        return self.zone.utcoffset(moment)

    def dst(self, moment):
        return self.zone.dst(moment)

    def tzname(self, moment):
        return self.zone.tzname(moment)

    def fromutc(self, moment):
        return self.zone.fromutc(moment.replace(tzinfo=self.zone))

    def __str__(self):
        return str(self.zone)


def user_time_zone(get_response):
    """Activate the time zone of the reader for the request; see `times.reader_zone`."""

    def middleware(request):
        with timezone.override(first_known_zone(getattr(request.user, "time_zone", ""))):
            return get_response(request)

    def process_view(request, view, args, kwargs):
        """Activate the group's zone for who has no own, now that the address is known."""
        if not first_known_zone(getattr(request.user, "time_zone", "")):
            slug = kwargs.get("slug")

            def look_up():
                group = Group.objects.filter(slug=slug).first() if slug else None
                return times.reader_zone(request.user, group)

            timezone.activate(LazyZone(look_up))  # until `override` ends

    middleware.process_view = process_view
    return middleware
