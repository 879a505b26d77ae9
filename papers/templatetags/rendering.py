"""Text with math, for templates."""

from django import template

from papers.rendering import render_formulas as render

register = template.Library()


@register.filter
def with_math(text):
    """The text as safe HTML, its formulas as MathML."""
    return render(text)


@register.filter
def with_math_in_line(text):
    """The same for a place of a line or two."""
    return render(text, in_line=True)
