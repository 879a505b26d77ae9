"""The template tag for forms that create something."""

from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from papers.submit_once import FIELD

register = template.Library()


@register.simple_tag
def once_key() -> SafeString:
    """A hidden field, by which a form that is sent twice creates one thing (see `submit_once`)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid4())
