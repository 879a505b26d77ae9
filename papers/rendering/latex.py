"""The LaTeX of a formula in the spelling that the converter reads, within limits."""

import re
from collections.abc import Callable, Iterator

from papers.rendering.alphabets import plain_spelling

DEEPEST_GROUP = 60  # nested braces; the converter runs out of stack at several hundred
LONGEST_RUN = 60  # commands without anything between, each of which may apply to the next
MOST_SWITCHES = 60  # each applies to the rest of its group

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
OPENERS = frozenset(["{", r"\left", r"\begin"])
CLOSERS = frozenset(["}", r"\right", r"\end"])
# fmt: off
SWITCHES = frozenset(
    rf"\{name}" for name in (
        "color", "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle",
        "rm", "bf", "it", "sf", "tt", "cal",
    )
)
# Commands that define others may expand without end; the rest refers to something elsewhere, or
# moves its argument over the text around.
REFUSED_COMMANDS = frozenset(
    rf"\{name}" for name in (
        "def", "gdef", "edef", "xdef", "let", "futurelet", "newcommand", "renewcommand",
        "providecommand", "DeclareMathOperator", "newenvironment", "renewenvironment", "ref",
        "eqref", "cite", "href", "url", "raisebox", "begingroup", "endgroup",
    )
)
ALIASES = {"#": r"\#"} | {rf"\{name}": replacement for name, replacement in {
    "/": " ", "xspace": " ", "protect": " ", "smash": " ", "ensuremath": " ", "nonumber": " ",
    "notag": " ", "mathds": r"\mathbb", "mathbbm": r"\mathbb", "scr": r"\mathscr",
    "pmb": r"\boldsymbol", "thicksim": r"\sim", "thickapprox": r"\approx", "hdots": r"\ldots",
    "mathellipsis": r"\ldots", "textnormal": r"\text", "textup": r"\text", "mbox": r"\text",
    "hbox": r"\text", "emph": r"\textit", "dotsc": r"\ldots", "dotso": r"\ldots",
    "dotsb": r"\cdots", "dotsm": r"\cdots", "dotsi": r"\cdots", "smallsetminus": r"\setminus",
    "mathnormal": " ", "allowbreak": " ", "nicefrac": r"\tfrac", "sfrac": r"\tfrac",
}.items()}
# The commands for text, in which dollars enclose formulas again.
TEXTS = frozenset(
    [r"\text", r"\textrm", r"\textbf", r"\textit", r"\textsf", r"\texttt"]
)
# A space after a command is skipped, but not after these.
SIGNS = frozenset([r"\%", r"\&", r"\_", r"\#", r"\$", r"\{", r"\}"])
SIZED = frozenset(
    rf"\{name}{side}" for name in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
) | {r"\left", r"\right", r"\middle"}
LIGATURES = {"``": "“", "''": "”", "---": "—", "--": "–"}
ANGLES = {"<": r"\langle ", ">": r"\rangle "}
# Environments that number their lines; the page has no such numbers.
ENVIRONMENTS = {
    "align": "aligned", "align*": "aligned", "alignat": "aligned", "alignat*": "aligned",
    "alignedat": "aligned", "flalign": "aligned", "flalign*": "aligned", "split": "aligned",
    "gather": "gathered", "gather*": "gathered", "multline": "gathered", "multline*": "gathered",
    "smallmatrix": "matrix", "eqnarray": "array", "eqnarray*": "array",
    "equation": "", "equation*": "", "displaymath": "", "math": "",
}
# fmt: on
COUNTED_ENVIRONMENTS = ("alignat", "alignat*", "alignedat")
LINE_ENDS = frozenset([r"\\", r"\end", r"\label", r"\notag", r"\nonumber"])
LENGTH = re.compile(r"\s*-?\s*(?:\d+\.?\d*|\.\d+)\s*(?:pt|em|ex|mm|cm|in|pc|mu|sp|bp|dd|cc)\s*")
COLUMNS = re.compile(r"[@!]\{[^{}]*\}|\s+")  # spaces between the columns of an array
POSITION = re.compile(r"[tbclr]")
CODE_POINT = re.compile(r"\s*(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}))\s*")
OPERATOR = re.compile(
    r"(?:\\(?:rm|sf|bf|mathrm|mathsf|mathbf|text|operatorname)(?![a-zA-Z])|[{}\s])+"
)


class UnsupportedLatex(ValueError):
    """A formula that is too deep, or has a command that must not be used."""


def prepare_latex(source: str) -> str:
    """``source`` in the spelling that the converter reads as LaTeX does.

    Raises UnsupportedLatex.
    """
    tokens = TOKEN.findall(plain_spelling(source))
    _check_limits(tokens)
    prepared = "".join(_Reader(tokens).formula())
    return rf"\begin{{gathered}}{prepared}\end{{gathered}}" if _has_lines(tokens) else prepared


def _has_lines(tokens: list[str]) -> bool:
    """Whether a line ends outside any environment. LaTeX runs on; people mean two lines."""
    depth = 0
    for token in tokens:
        depth += (token in OPENERS) - (token in CLOSERS)
        if token == r"\\" and not depth:
            return True
    return False


def _check_limits(tokens: list[str]) -> None:
    depth = run = switches = 0
    for token in tokens:
        depth += (token in OPENERS) - (token in CLOSERS)
        run = run + 1 if token[0] == "\\" and token[1:].isalpha() else run * token.isspace()
        switches += token in SWITCHES
        if depth > DEEPEST_GROUP or run > LONGEST_RUN or switches > MOST_SWITCHES:
            raise UnsupportedLatex("The formula is nested too deep.")
        if token in REFUSED_COMMANDS:
            raise UnsupportedLatex(f"{token} is not supported.")


class _Reader:
    """Reads the tokens of a formula, and gives them out as the converter needs them."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def formula(self) -> Iterator[str]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            token = ALIASES.get(token, token)
            if token in TEXTS:
                yield from self._text(token)
            elif token in SIZED:
                yield token + self._angle()
            elif token in COMMANDS:
                yield COMMANDS[token](self)
            else:
                yield token

    def _spaces(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1

    def _skip(self, token: str) -> bool:
        """Read ``token`` if it is next, after any spaces. Whether it was."""
        before = self.at
        self._spaces()
        if self.tokens[self.at : self.at + 1] == [token]:
            self.at += 1
            return True
        self.at = before
        return False

    def _group(self) -> list[str] | None:
        """Read ``{...}``, if it is next: the tokens inside."""
        if not self._skip("{"):
            return None
        start, depth = self.at, 1
        while depth and self.at < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.at], 0)
            self.at += 1
        if depth:
            raise UnsupportedLatex("A brace is not closed.")
        return self.tokens[start : self.at - 1]

    def _bracket(self, content: re.Pattern[str]) -> None:
        """Read ``[...]``, if it is next and its inside matches ``content``."""
        before = self.at
        if self._skip("["):
            start = self.at
            while self.at < len(self.tokens) and self.tokens[self.at] != "]":
                self.at += 1
            if content.fullmatch("".join(self.tokens[start : self.at])):
                self.at += 1
                return
        self.at = before

    def _text(self, command: str) -> Iterator[str]:
        """Text; what is in dollars within it is a formula again."""
        content = self._group()
        if content is None:
            yield command
            return
        parts: list[list[str]] = [[]]
        for token in content:
            if token == "$":
                parts.append([])
            elif token.isspace() and parts[-1] and parts[-1][-1] in SIGNS:
                parts[-1].append(r"\ ")
            else:
                parts[-1].append(rf"\{token}" if token in "%#" else token)
        if len(parts) % 2 == 0:
            raise UnsupportedLatex("A dollar is not closed.")
        yield "{"
        for number, part in enumerate(parts):
            if number % 2:
                yield f"{{{''.join(_Reader(part).formula())}}}"
            elif part or len(parts) == 1:
                yield f"{command}{{{_with_signs(''.join(part))}}}"
        yield "}"

    def _angle(self) -> str:
        """A delimiter that LaTeX reads as an angle bracket."""
        return next((ANGLES[sign] for sign in ANGLES if self._skip(sign)), "")

    def _percent(self) -> str:
        """A comment up to the end of the line, or in the last line a percent sign."""
        for at in range(self.at, len(self.tokens)):
            if "\n" in self.tokens[at]:
                self.at = at
                return ""
        return r"\%"

    def _line_end(self) -> str:
        """The end of a line, without the space that may be wanted after it."""
        self._skip("*")
        self._bracket(LENGTH)
        return r"\\ "

    def _begin(self) -> str:
        name = "".join(self._group() or [])
        if name in COUNTED_ENVIRONMENTS:
            self._group()
        self._bracket(POSITION)
        known = _environment(name)
        if name.startswith("eqnarray"):
            return r"\begin{array}{rcl}"
        if name == "array":
            columns = COLUMNS.sub("", "".join(self._group() or []))
            return rf"\begin{{array}}{{{columns}}}"
        return rf"\begin{{{known}}}" if known else "{"

    def _end(self) -> str:
        known = _environment("".join(self._group() or []))
        return rf"\end{{{known}}}" if known else "}"

    def _label(self) -> str:
        self._group()
        return " "

    def _tag(self) -> str:
        """A number, which stands at the end of its line."""
        is_bare = self._skip("*")
        content = "".join(self._text(r"\text"))
        self._spaces()
        if self.at < len(self.tokens) and self.tokens[self.at] not in LINE_ENDS:
            raise UnsupportedLatex("The number of a line is not at its end.")
        return rf"\qquad {content}" if is_bare else rf"\qquad ({content})"

    def _stack(self) -> str:
        content = "".join(_Reader(self._group() or []).formula())
        return rf"{{\begin{{subarray}}{{c}}{content}\end{{subarray}}}}"

    def _bold(self) -> str:
        """Bold; digits are upright, and have no bold italic."""
        before = self.at
        group = self._group()
        self._spaces()
        following = self.tokens[self.at : self.at + 1] if group is None else group
        is_number = "".join(following).strip().isdecimal()
        self.at = before
        return r"\mathbf" if is_number else r"\boldsymbol"

    def _character(self) -> str:
        found = CODE_POINT.fullmatch("".join(self._group() or []))
        character = chr(int(found[1], 16) if found[1] else int(found[2])) if found else ""
        if not character.isprintable() or character in "\\{}$%#&_^~":
            raise UnsupportedLatex("This is no character of a text.")
        return rf"\text{{{character}}}"

    def _operator(self) -> str:
        r"""``\mathop`` of a word, with its limits below, is an operator's name."""
        before = self.at
        word = OPERATOR.sub("", "".join(self._group() or []))
        if not word.replace(r"\,", "").isalpha():
            self.at = before
            return r"\mathop"
        self._skip(r"\limits")
        return rf"\operatorname*{{{word}}}"


def _with_signs(text: str) -> str:
    """``text`` with the quotation marks and dashes that LaTeX makes of several characters."""
    for written, sign in LIGATURES.items():
        text = text.replace(written, sign)
    return text


def _environment(name: str) -> str:
    """The environment of the converter for the one of LaTeX; "" for an ordinary group."""
    return name[:-1] if name.endswith("matrix*") else ENVIRONMENTS.get(name, name)


COMMANDS: dict[str, Callable[[_Reader], str]] = {
    "%": _Reader._percent,
    r"\\": _Reader._line_end,
    r"\begin": _Reader._begin,
    r"\end": _Reader._end,
    r"\label": _Reader._label,
    r"\tag": _Reader._tag,
    r"\substack": _Reader._stack,
    r"\boldsymbol": _Reader._bold,
    r"\bm": _Reader._bold,
    r"\unicode": _Reader._character,
    r"\mathop": _Reader._operator,
}
