"""The icons of the pages, for templates."""

import re
from functools import cache
from pathlib import Path

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

FILE = "papers/icons.svg"

register = template.Library()


@cache
def names():
    """The names of the icons that there are, a set."""
    text = (Path(__file__).parents[1] / "static" / FILE).read_text()
    return set(re.findall(r'<symbol id="([a-z]+)"', text))


@register.simple_tag
def icon(name):
    """The icon ``name`` as safe HTML: it says nothing to who does not see it.

    Raises ValueError where there is none of that name.
    """
    if name not in names():
        raise ValueError(f"There is no icon {name!r} in {FILE}.")
    href = f"{static(FILE)}#{name}"
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)
