"""A formula in LaTeX -> MathML that browsers show without styles or scripts of its own."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from math_core import LatexError, LatexToMathML

from papers.rendering.latex import UnsupportedLatex, prepare_latex

DEEPEST_FORMULA = 60  # nested elements
LONGEST_SPACE = 10.0  # em; a longer one would leave the formula

CONVERTER = LatexToMathML(fancy_error=False, allow_unreliable_rendering=True, max_expansions=1000)
# Selectors of the shape of a letter, for which hardly any font has two.
VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")
HYPHENATED = re.compile(r"\w+(?:−\w+)+")  # the name of an operator: its minus is a hyphen
ARROW_ABOVE = "\u20d7"  # browsers set it right only if it may stretch
DOTS_ABOVE = {"\u20db": "...", "\u20dc": "...."}  # combining characters are set beside their letter
TEXT_STYLES = {"b": "bold", "i": "italic", "em": "italic", "code": "monospace", "span": ""}
SANS_SERIF = "math-core-sans-serif-font"  # the class of the converter
NOTATIONS = {"box", "updiagonalstrike", "downdiagonalstrike"}
LENGTHS = (
    "width",
    "height",
    "depth",
    "voffset",
    "minsize",
    "maxsize",
    "lspace",
    "rspace",
    "linethickness",
)
LENGTH = re.compile(r"(-?[\d.]+)(em|ex|pt|px|rem|cm|mm|in|pc)?")
EMS = {"em": 1, "rem": 1, "ex": 0.5, "pt": 0.1, "px": 0.0625, "mm": 0.3, "cm": 3, "in": 7, "pc": 1}

# fmt: off
MATH_TAGS = {
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
}
MATH_ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display",
    "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace", "mathvariant",
    "maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace",
    "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
}
# What a declaration of a style says, as an attribute of MathML. The policy of the pages allows no
# styles, and browsers have no rules for these attributes: our style sheet has.
ATTRIBUTES_OF_STYLES = {
    "text-align: left": ("columnalign", "left"),
    "text-align: right": ("columnalign", "right"),
    "padding-left: 0": ("columnspacing", "0"),
    "padding-right: 0": ("columnspacing", "0"),
    "padding-left: 1em": ("columnspacing", "1em"),
    "padding-top: 0": ("rowspacing", "0"),
    "border-left": ("columnlines", "left"),
    "border-right": ("columnlines", "right"),
    "border-top": ("rowlines", "top"),
    "border-bottom": ("rowlines", "bottom"),
}
# fmt: on


class UnsoundMathml(ValueError):
    """MathML that cannot be shown as it is meant."""


# A lone half of a character cannot be encoded; a control character is no XML.
UNREADABLE = (
    UnsupportedLatex,
    LatexError,
    UnsoundMathml,
    UnicodeEncodeError,
    ElementTree.ParseError,
)


def to_mathml(formula: str, display: bool) -> str:
    """``formula``, a LaTeX source, as MathML; "" if it cannot be shown right."""
    try:
        source = prepare_latex(formula)
        html = CONVERTER.convert_with_local_state(source, displaystyle=display)
        tree = ElementTree.fromstring(html)
        _clean(tree)
    except UNREADABLE:
        return ""
    if not len(tree):
        return ""
    tree.set("display", "block" if display else "inline")
    return ElementTree.tostring(tree, encoding="unicode", short_empty_elements=False)


def _clean(tree: Element) -> None:
    """Bring the tree into the form for our pages. Raises UnsoundMathml."""
    level = [tree]
    for _ in range(DEEPEST_FORMULA):
        for element in level:
            _clean_element(element)
        level = [child for element in level for child in element]
    if level:
        raise UnsoundMathml("The formula is nested too deep.")


def _clean_element(element: Element) -> None:
    if element.tag not in MATH_TAGS or "href" in element.attrib or "id" in element.attrib:
        raise UnsoundMathml("The formula refers to something elsewhere.")
    element.text = VARIATION_SELECTORS.sub("", element.text or "")
    if element.tag == "mo" and HYPHENATED.fullmatch(element.text):
        element.text = element.text.replace("−", "-")
    for name in LENGTHS:
        if name in element.attrib and abs(_ems(element.attrib[name])) > LONGEST_SPACE:
            raise UnsoundMathml("A space is too long.")
    _replace_accent(element)
    _replace_text_style(element)
    style = element.attrib.pop("style", "")
    element.attrib.pop("class", None)
    if element.tag == "menclose":
        _replace_enclosure(element)
    elif element.tag == "mpadded":
        _replace_padding(element, style)
    elif element.tag == "mspace" and style:
        _replace_negative_space(element, style)
    else:
        _replace_style(element, style)


def _ems(length: str) -> float:
    """A length in em, roughly."""
    found = LENGTH.fullmatch(length)
    if not found:
        raise UnsoundMathml(f"{length} is no length.")
    return float(found[1]) * EMS[found[2] or "em"]


def _declarations(style: str) -> dict[str, str]:
    """The declarations of a style: property -> value."""
    pairs = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _replace_style(element: Element, style: str) -> None:
    for name, value in _declarations(style).items():
        for wanted in (f"{name}: {value}", name):
            if wanted in ATTRIBUTES_OF_STYLES:
                attribute, word = ATTRIBUTES_OF_STYLES[wanted]
                known = element.attrib.get(attribute, "")
                element.set(attribute, f"{known} {word}".strip())


def _replace_accent(element: Element) -> None:
    """Accents that browsers do not set above their letter as they are."""
    if element.tag == "mover" and len(element) == 2 and element[1].tag == "mo":
        mark = element[1]
        mark.text = DOTS_ABOVE.get(mark.text or "", mark.text)
        if mark.text == ARROW_ABOVE:
            mark.set("stretchy", "true")


def _replace_text_style(element: Element) -> None:
    """Text in bold, italic or typewriter letters: an attribute instead of elements of HTML."""
    words = []
    while element.tag == "mtext" and len(element) == 1:
        child = element[0]
        if child.tag not in TEXT_STYLES or child.tail or (element.text or "").strip():
            raise UnsoundMathml(f"{child.tag} is no element of MathML.")
        is_sans_serif = child.get("class") == SANS_SERIF
        words.append("sans-serif" if is_sans_serif else TEXT_STYLES[child.tag])
        element.text = child.text
        element[:] = child[:]
    if variant := "-".join(sorted({word for word in words if word})):
        element.set("mathvariant", variant)


def _replace_enclosure(element: Element) -> None:
    """Only Firefox knows the element. Our style sheet draws the box or the strokes."""
    notation = element.attrib["notation"]
    if not set(notation.split()) <= NOTATIONS:
        raise UnsoundMathml(f"{notation} cannot be drawn.")
    element.tag = "mrow"
    for child in [child for child in element if "class" in child.attrib]:
        element.remove(child)


def _replace_padding(element: Element, style: str) -> None:
    """Space around a relation or an operator, as elements."""
    declarations = _declarations(style)
    for side, at in (("padding-left", 0), ("padding-right", len(element) + 1)):
        width = declarations.get(side, "0")
        if width != "0":
            element.insert(at, Element("mspace", {"width": width}))


def _replace_negative_space(element: Element, style: str) -> None:
    """A thin negative space, as in ``\\!``; a longer one would print one thing over another."""
    width = _declarations(style).get("margin-left", "0")
    if _ems(width) < -0.3:
        raise UnsoundMathml("A negative space is too long.")
    element.set("lspace", width)
