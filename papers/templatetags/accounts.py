"""What pages of accounts know of the way somebody came."""

from allauth.account.utils import get_next_redirect_url
from django import template

from papers.accounts import may_sign_up
from papers.models import first_known_zone
from papers.services import joining

register = template.Library()

# The first that a user agent names; most name others, too, whose pages they can show.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome"}
BROWSERS |= {"Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
SYSTEMS |= {"Mac OS": "macOS", "Linux": "Linux"}


@register.filter
def browser_name(user_agent):
    """ "Firefox on Linux", say; what the user agent calls itself where it is none of those."""
    name, system = (
        next((label for word, label in words.items() if word in user_agent), "")
        for words in (BROWSERS, SYSTEMS)
    )
    return f"{name} on {system}" if name and system else user_agent[:60]


@register.simple_tag(takes_context=True)
def opened_invitation(context):
    """The invitation that was opened in this session, where it still holds."""
    return joining.usable_opened_invitation(context["request"].session)


@register.simple_tag(takes_context=True)
def opened_problem(context):
    """Why the invitation that was opened holds no more; "" where it does, or none was."""
    invitation = joining.opened_invitation(context["request"].session)
    return invitation.problem() if invitation else ""


@register.simple_tag(takes_context=True)
def open_for_signup(context):
    """Whether whoever looks may make an account."""
    request = context["request"]
    return may_sign_up(request, get_next_redirect_url(request))


@register.simple_tag(takes_context=True)
def zone_of_page(context):
    """The reader's time zone, or else that of the group of the page; None where none is known."""
    zones = (getattr(context.get(name), "time_zone", "") for name in ("user", "group"))
    return first_known_zone(*zones)
