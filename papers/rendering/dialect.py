"""The Markdown parser: CommonMark with formulas, bare links and mentions, within limits."""

import re
import unicodedata
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.helpers import parseLinkTitle
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import blockquote, paragraph, table
from markdown_it.rules_inline import autolink, link

from papers.rendering.formulas import FORMULA, is_displayed, is_text

DEEPEST = 20  # levels of nested quotes and lists; anything deeper is plain text
LONGEST_LABEL = 1000  # characters of the text of a link
MOST_QUOTED = 5000  # lines tried as quoted, summed over all depths
MOST_CELLS = 2000  # of all tables; a wide head makes many cells of a few short rows
CLOSING_DELIMITERS = {"$$": "$$", r"\[": r"\]"}
SCHEMES = ("http://", "https://", "mailto:")

# A bare URL has the characters of ASCII that a URL may have, and letters with their marks, as in
# "https://de.wikipedia.org/wiki/Gödel". It ends before any other sign, such as a closing quotation
# mark, and before Chinese, Japanese or Korean text, which follows without a space. A dash or a dot
# may join two words of a path: "https://en.wikipedia.org/wiki/Bose–Einstein_condensate".
MARKS = "".join(chr(c) for c in range(0x300, 0x2000) if unicodedata.category(chr(c))[0] == "M")
WITHOUT_SPACES = (
    "\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef"
    "\U00016fe0-\U0001b16f\U00020000-\U0003ffff"
)
URL_SIGN = (
    rf"(?:[!#$%&'*+,./0-9:;=?@A-Z^_a-z|~-]|(?![{WITHOUT_SPACES}])[^\W\x00-\x7f]|[{MARKS}]"
    rf"|(?<=\w)[–·](?=(?![{WITHOUT_SPACES}])\w))"
)
# Brackets in a URL are paired: in "(see https://example.org/a_(b))" it ends with "b)".
IN_BRACKETS = rf"\({URL_SIGN}*+\)|\[{URL_SIGN}*+\]|\{{{URL_SIGN}*+\}}"
NESTED_BRACKETS = rf"{IN_BRACKETS}|\((?:{URL_SIGN}|{IN_BRACKETS})*+\)"
BARE_URL = re.compile(
    rf"(?<![^\W_{WITHOUT_SPACES}])(?<![@/])https?://(?=[^\W_])(?:[{WITHOUT_SPACES}]++\.(?=[a-zA-Z]))?"
    rf"(?=[^\W_])(?:{URL_SIGN}|{NESTED_BRACKETS})++",
    re.IGNORECASE,
)
AFTER_URL = "?!.,:;*_~'|"  # part of the surrounding sentence
# Brackets in code or after a backslash do not count.
BRACKET = re.compile(r"\\.|(?<!`)(`++)(?:[^`]++|(?!\1(?!`))`++)*+\1(?!`)|[\[\]]", re.DOTALL)
URL_CHARACTER = r"(?:\\\S|[^\x00-\x20\x7f()\\])"
PAIRED_PARENTHESES = rf"\((?:{URL_CHARACTER}|\((?:{URL_CHARACTER}|\({URL_CHARACTER}*+\))*+\))*+\)"
DESTINATION = re.compile(
    rf"<(?P<quoted>(?:\\.|[^<>\n\\])*+)>|(?!<)(?P<plain>(?:{URL_CHARACTER}|{PAIRED_PARENTHESES})++)"
)
MENTION = re.compile(r"(?<![^\W_])(?<![@.+/-])@(?P<name>\w[\w.+-]{0,149}+)(?![\w@])")


def build_parser(renderer: type[RendererProtocol]) -> MarkdownIt:
    """A parser of this dialect that renders with ``renderer``."""
    options = {"html": False, "breaks": True, "maxNesting": DEEPEST + 10}
    md = MarkdownIt("commonmark", options, renderer_cls=renderer)
    md.enable(["table", "strikethrough"]).disable(["lheading", "html_block", "html_inline"])
    md.validateLink = lambda url: url.lower().startswith(SCHEMES)
    interrupts = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.at("blockquote", _quote_rule, interrupts)
    md.block.ruler.at("table", _table_rule, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("table", "deep", _depth_rule)
    md.block.ruler.before("fence", "displayed", _display_formula_rule, interrupts)
    md.inline.ruler.before("escape", "formula", _inline_formula_rule)
    md.helpers = SimpleNamespace(
        parseLinkLabel=_label_end,
        parseLinkDestination=_link_destination,
        parseLinkTitle=parseLinkTitle,
    )
    md.inline.ruler.at("link", _link_rule)
    md.inline.ruler.at("autolink", _autolink_rule)
    md.inline.ruler.at("image", _image_rule)
    md.inline.ruler.after("image", "address", _bare_url_rule)
    md.inline.ruler.after("image", "mention", _mention_rule)
    return md


def spend_budget(env: dict[str, Any], what: str, number: int, most: int) -> bool:
    """Add ``number`` to the count of ``what`` in this text; whether it is at most ``most``.

    The counts limit the time that one text takes.
    """
    env[what] = env.get(what, 0) + number
    return env[what] <= most


def _depth_rule(state, start, end, silent):
    """Read everything below the greatest depth as paragraphs, so that no text is lost."""
    return not silent and state.level >= DEEPEST and paragraph(state, start, end, silent)


def _quote_rule(state, start, end, silent):
    """Read a quote, unless too many lines were tried: some texts cause endless vain attempts."""
    if silent or not _line_text(state, start).startswith(">"):
        return blockquote(state, start, end, silent)
    affordable = _is_affordable(state, start, end, "quoted", 1, MOST_QUOTED)
    return affordable and blockquote(state, start, end, False)


def _table_rule(state, start, end, silent):
    """Read a table, unless the tables of the text would have too many cells."""
    if silent or not table(state, start, end, True):
        return silent and table(state, start, end, True)
    columns = _line_text(state, start).count("|") + 1
    affordable = _is_affordable(state, start, end, "cells", columns, MOST_CELLS)
    return affordable and table(state, start, end, False)


def _is_affordable(state, start, end, what, each, most):
    """Spend ``each`` for every line up to the next empty one; whether the budget allows it."""
    if not spend_budget(state.env, what, 0, most):
        return False
    lines = next((n for n in range(start, end) if state.isEmpty(n)), end) - start
    return spend_budget(state.env, what, each * lines, most)


def _display_formula_rule(state, start, end, silent):
    """Read a displayed formula, which begins a line with ``$$`` and ends one with ``$$``."""
    opening = _line_text(state, start)[:2]
    if opening not in CLOSING_DELIMITERS or state.is_code_block(start):
        return False
    last = _last_line(state, start, end, opening)
    source = state.getLines(start, last + 1, state.blkIndent, False).strip()
    formula = FORMULA.fullmatch(source)
    if not formula or not is_displayed(formula):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup = formula[formula.lastgroup], source
        token.info = "display"
        token.map = [start, last + 1]
        state.line = last + 1
    return True


def _last_line(state, start, end, opening):
    """The last line of the formula that opens at line ``start``; ``start`` if it never closes."""
    if CLOSING_DELIMITERS[opening] in _line_text(state, start)[2:]:
        return start
    for number in range(start + 1, end):
        text = _line_text(state, number)
        if CLOSING_DELIMITERS[opening] in text:
            return number
        if not text or text.startswith(opening) or state.sCount[number] < state.blkIndent:
            break
    return start


def _line_text(state, number):
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _inline_formula_rule(state, silent):
    """Read a formula within a line, by the same rule as in an abstract."""
    if state.src[state.pos] not in "$\\":
        return False
    formula = FORMULA.match(state.src, state.pos, state.posMax)
    if not formula or is_text(formula):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup = formula[formula.lastgroup], formula[0]
        token.info = "display" if is_displayed(formula) else ""
    state.pos = formula.end()
    return True


def _link_rule(state, silent):
    """Read a link, unless within the text of another link."""
    return not state.linkLevel and link(state, silent)


def _autolink_rule(state, silent):
    """Read ``<https://example.org>``, unless within the text of a link."""
    return not state.linkLevel and autolink(state, silent)


def _image_rule(state, silent):
    """Read ``![text](address)`` as a link to the image, or within a link as its text only."""
    start = state.pos
    if not state.src.startswith("![", start):
        return False
    state.pos += 1
    if not link(state, silent or state.linkLevel > 0):
        state.pos = start
        return False
    if state.linkLevel:
        state.append_pending(state.src[start + 2 : _label_end(state, start + 1)])
    return True


def _label_end(state, start, disableNested=False):
    """The position where the bracket at ``start`` closes, or -1.

    The function of the library takes very long for some texts.
    """
    end = _bracket_pairs(state.src).get(start, -1)
    return end if end - start <= LONGEST_LABEL else -1


@lru_cache(maxsize=1)
def _bracket_pairs(source):
    """The position of each closed bracket -> the position where it closes."""
    opened, pairs = [], {}
    for bracket in BRACKET.finditer(source):
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif bracket[0] == "]" and opened:
            pairs[opened.pop()] = bracket.start()
    return pairs


def _link_destination(string, pos, maximum):
    """The address of a link at ``pos``. The library's function scans some texts many times over."""
    match = DESTINATION.match(string, pos, maximum)
    if not match:
        return SimpleNamespace(ok=False, pos=0, str="")
    return SimpleNamespace(ok=True, pos=match.end(), str=unescapeAll(match[match.lastgroup]))


def _bare_url_rule(state, silent):
    """Read a bare URL. It is noticed at its colon, when ``http`` was already read as text."""
    at, source = state.pos, state.src
    if silent or state.linkLevel or not source.startswith("://", at):
        return False
    size = 5 if source[at - 5 : at].lower() == "https" else 4
    match = BARE_URL.match(source, at - size, state.posMax)
    if not match or state.pending[-size:] != source[at - size : at]:
        return False
    url = match[0].rstrip(AFTER_URL)
    state.pending = state.pending[:-size]
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
    state.push("text", "", 0).content = url
    state.push("link_close", "a", -1)
    state.pos += len(url) - size
    return True


def _mention_rule(state, silent):
    """Read ``@name`` of a member, outside links, words and mail addresses. Note every name."""
    if silent or state.linkLevel or state.src[state.pos] != "@":
        return False
    match = MENTION.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    handles = state.env["handles"]
    for name in possible_names(match["name"]):
        state.env["named"] |= name_variants(name)
        if name_variants(name) & handles:
            state.push("mention", "span", 0).content = f"@{name}"
            state.pos += 1 + len(name)
            return True
    return False


def possible_names(written: str) -> list[str]:
    """The names that may be meant, longest first: trailing punctuation may belong to a name."""
    shortest = len(written.rstrip("._+-")) or 1
    return [written[:length] for length in range(len(written), shortest - 1, -1)]


def name_variants(name: str) -> set[str]:
    """The name as written, and case-folded."""
    return {name, name.casefold()}
