"""The template tag for icons."""

import re
from functools import cache
from pathlib import Path

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

FILE = "papers/icons.svg"

register = template.Library()


@cache
def icon_names() -> set[str]:
    """The names of all icons."""
    text = (Path(__file__).parents[1] / "static" / FILE).read_text()
    return set(re.findall(r'<symbol id="([a-z]+)"', text))


@register.simple_tag
def icon(name: str) -> SafeString:
    """The icon ``name`` as safe HTML, hidden from screen readers.

    Raises ValueError if there is no such icon.
    """
    if name not in icon_names():
        raise ValueError(f"There is no icon {name!r} in {FILE}.")
    href = f"{static(FILE)}#{name}"
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)
