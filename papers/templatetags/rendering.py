"""Template filters for text: formulas, and shortening at a word."""

from django import template
from django.utils.safestring import SafeString

from papers.rendering import render_formulas as render

register = template.Library()


@register.filter
def cut_at_word(text: object, length: int) -> str:
    """``text``, cut at the end of a word to at most ``length`` characters and "…" if longer.

    A word longer than half of ``length``, or text without spaces, is cut within.
    """
    text = str(text)
    if len(text) <= length:
        return text
    end = max(text.rfind(space, 0, length + 1) for space in " \n\t")
    return text[: end if end > length // 2 else length].rstrip(" \n\t,;:") + "…"


@register.filter
def with_math(text: str) -> SafeString:
    """``text`` as safe HTML, with formulas as MathML."""
    return render(text)


@register.filter
def with_math_in_line(text: str) -> SafeString:
    """Like `with_math`, but without displayed formulas, for a line or two of text."""
    return render(text, in_line=True)
