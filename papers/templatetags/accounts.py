"""Template tags for account pages: invitation, sign-up, time zone and browser."""

from datetime import tzinfo

from allauth.account.utils import get_next_redirect_url
from django import template
from django.template import Context
from django.utils import timezone

from papers.accounts import may_sign_up
from papers.discussions import times
from papers.models import Group, Invitation
from papers.services import joining

register = template.Library()

# The first match counts, since most user agents also name browsers they are compatible with.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
BROWSERS |= {"Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
SYSTEMS |= {"Mac OS": "macOS", "Linux": "Linux"}


@register.filter
def browser_name(user_agent: str) -> str:
    """A name such as "Firefox on Linux"; the beginning of ``user_agent`` if it is unknown."""
    name, system = (
        next((label for word, label in words.items() if word in user_agent), "")
        for words in (BROWSERS, SYSTEMS)
    )
    return f"{name} on {system}" if name and system else user_agent[:60]


@register.simple_tag(takes_context=True)
def opened_invitation(context: Context) -> Invitation | None:
    """The invitation opened in this session, if it is still valid."""
    return joining.usable_opened_invitation(context["request"].session)


@register.simple_tag(takes_context=True)
def opened_problem(context: Context) -> str:
    """Why the opened invitation is no longer valid; "" if it is, or if none was opened."""
    invitation = joining.opened_invitation(context["request"].session)
    return invitation.problem() if invitation else ""


@register.simple_tag(takes_context=True)
def open_for_signup(context: Context) -> bool:
    """Whether the visitor may create an account."""
    request = context["request"]
    return may_sign_up(request, get_next_redirect_url(request))


@register.simple_tag(takes_context=True)
def zone_of_page(context: Context) -> tzinfo:
    """The time zone of the reader, otherwise of the group that the page is about."""
    group = context.get("group")
    if not isinstance(group, Group):
        return timezone.get_current_timezone()
    return times.reader_zone(context.get("user"), group)
