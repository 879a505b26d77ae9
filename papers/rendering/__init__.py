"""People's texts as safe HTML or as one plain line. No other module marks text as safe."""

from papers.rendering.formulas import render_formulas, split_formulas
from papers.rendering.mathml import MATH_ATTRIBUTES, MATH_TAGS
from papers.rendering.opening import opening_line
from papers.rendering.plain import CONTROL_CHARACTERS, single_line
from papers.rendering.prose import LONGEST_PROSE, mentioned_names, render_markdown

__all__ = [
    "CONTROL_CHARACTERS",
    "MATH_ATTRIBUTES",
    "LONGEST_PROSE",
    "MATH_TAGS",
    "render_markdown",
    "mentioned_names",
    "opening_line",
    "single_line",
    "split_formulas",
    "render_formulas",
]
