"""Rendering of people's texts as safe HTML. No other module marks text as safe."""

from papers.rendering.formulas import MATH_ATTRIBUTES, MATH_TAGS, render_formulas, split_formulas
from papers.rendering.prose import LONGEST_PROSE, mentioned_names, render_markdown

__all__ = [
    "MATH_ATTRIBUTES",
    "LONGEST_PROSE",
    "MATH_TAGS",
    "render_markdown",
    "mentioned_names",
    "split_formulas",
    "render_formulas",
]
