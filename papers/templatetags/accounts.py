"""What pages of accounts know of the way somebody came."""

from django import template

from papers.accounts import may_sign_up
from papers.services import joining

register = template.Library()


@register.simple_tag(takes_context=True)
def opened_invitation(context):
    """The invitation that was opened in this session, where it still holds."""
    invitation = joining.opened(context["request"].session)
    return invitation if invitation and not invitation.problem() else None


@register.simple_tag(takes_context=True)
def open_for_signup(context):
    """Whether whoever looks may make an account."""
    return may_sign_up(context["request"])
