"""Template filters for text with formulas."""

from django import template
from django.utils.safestring import SafeString

from papers.rendering import render_formulas as render

register = template.Library()


@register.filter
def with_math(text: str) -> SafeString:
    """``text`` as safe HTML, with formulas as MathML."""
    return render(text)


@register.filter
def with_math_in_line(text: str) -> SafeString:
    """Like `with_math`, but without displayed formulas, for a line or two of text."""
    return render(text, in_line=True)
