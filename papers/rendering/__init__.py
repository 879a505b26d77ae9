"""Text that people wrote -> safe HTML. The only place that marks text safe."""

from papers.rendering.formulas import ATTRIBUTES, TAGS, pieces, with_math
from papers.rendering.prose import LONGEST_PROSE, markdown, mentioned

__all__ = [
    "ATTRIBUTES",
    "LONGEST_PROSE",
    "TAGS",
    "markdown",
    "mentioned",
    "pieces",
    "with_math",
]
