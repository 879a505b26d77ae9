"""Text that people wrote -> safe HTML, or one plain line. Nothing else marks text safe."""

from papers.rendering.formulas import MATH_ATTRIBUTES, MATH_TAGS, render_formulas, split_formulas
from papers.rendering.plain import CONTROL_CHARACTERS, single_line
from papers.rendering.prose import LONGEST_PROSE, mentioned_names, render_markdown

__all__ = [
    "CONTROL_CHARACTERS",
    "MATH_ATTRIBUTES",
    "LONGEST_PROSE",
    "MATH_TAGS",
    "render_markdown",
    "mentioned_names",
    "single_line",
    "split_formulas",
    "render_formulas",
]
