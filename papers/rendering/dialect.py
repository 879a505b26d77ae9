"""The Markdown of the group: the standard's, with formulas, bare addresses and mentions."""

import re
from functools import lru_cache
from types import SimpleNamespace

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.helpers import parseLinkTitle
from markdown_it.rules_block import blockquote, paragraph, table
from markdown_it.rules_inline import autolink, link

from papers.rendering.formulas import FORMULA, is_displayed, is_sentence

DEEPEST = 20  # quotes and lists inside each other; what is deeper is text
LONGEST_LABEL = 1000  # characters of a link's words
MOST_QUOTED = 5000  # lines of a text that are tried as quoted, at any depth
MOST_CELLS = 2000  # of all tables: a wide head makes many cells out of a few short rows
CLOSING_DELIMITERS = {"$$": "$$", r"\[": r"\]"}
SCHEMES = ("http://", "https://", "mailto:")

# Parentheses in it are paired: "(see https://example.org/a_(b))" ends with the "b)".
BARE_URL = re.compile(
    r"(?<![^\W_])(?<![@/])https?://[^\W_](?:\([^\s<>()\[\]\"`\\]*+\)|[^\s<>()\[\]\"`\\])*+",
    re.IGNORECASE,
)
AFTER_URL = "?!.,:;*_~'|"  # belongs to the sentence around it
# Brackets in code and those after a backslash are no brackets.
BRACKET = re.compile(r"\\.|(?<!`)(`++)(?:[^`]++|(?!\1(?!`))`++)*+\1(?!`)|[\[\]]", re.DOTALL)
URL_CHARACTER = r"(?:\\\S|[^\x00-\x20\x7f()\\])"
PAIRED_PARENTHESES = rf"\((?:{URL_CHARACTER}|\((?:{URL_CHARACTER}|\({URL_CHARACTER}*+\))*+\))*+\)"
DESTINATION = re.compile(
    rf"<(?P<quoted>(?:\\.|[^<>\n\\])*+)>|(?!<)(?P<plain>(?:{URL_CHARACTER}|{PAIRED_PARENTHESES})++)"
)
MENTION = re.compile(r"(?<![^\W_])(?<![@.+/-])@(?P<name>\w[\w.+-]{0,149}+)(?![\w@])")


def build_parser(renderer):
    """A parser of this Markdown that writes with ``renderer``."""
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


def spend_budget(env, what, number, most):
    """Whether ``number`` more of something that takes time is within the limit of the text."""
    env[what] = env.get(what, 0) + number
    return env[what] <= most


def _depth_rule(state, start, end, silent):
    """At the greatest depth all is plain paragraphs, so that nothing is lost."""
    return not silent and state.level >= DEEPEST and paragraph(state, start, end, silent)


def _quote_rule(state, start, end, silent):
    """A quote, unless the ends of too many have been sought: some texts have that done in vain."""
    if silent or not _line_text(state, start).startswith(">"):
        return blockquote(state, start, end, silent)
    affordable = _is_affordable(state, start, end, "quoted", 1, MOST_QUOTED)
    return affordable and blockquote(state, start, end, False)


def _table_rule(state, start, end, silent):
    """A table, unless those of the text would have too many cells."""
    if silent or not table(state, start, end, True):
        return silent and table(state, start, end, True)
    columns = _line_text(state, start).count("|") + 1
    affordable = _is_affordable(state, start, end, "cells", columns, MOST_CELLS)
    return affordable and table(state, start, end, False)


def _is_affordable(state, start, end, what, each, most):
    """Whether ``each`` for every line down to the next empty one is within the limit."""
    if not spend_budget(state.env, what, 0, most):
        return False
    lines = next((n for n in range(start, end) if state.isEmpty(n)), end) - start
    return spend_budget(state.env, what, each * lines, most)


def _display_formula_rule(state, start, end, silent):
    """A formula on its own: ``$$`` begins a line, and ``$$`` ends one."""
    opening = _line_text(state, start)[:2]
    if opening not in CLOSING_DELIMITERS or state.is_code_block(start):
        return False
    last = _last_line(state, start, end, opening)
    source = state.getLines(start, last + 1, state.blkIndent, False).strip()
    found = FORMULA.fullmatch(source)
    if not found or not is_displayed(found):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup, token.info = found[found.lastgroup], source, "display"
        token.map = [start, last + 1]
        state.line = last + 1
    return True


def _last_line(state, start, end, opening):
    """The line on which a formula closes that opens at ``start``; ``start`` if none."""
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
    """A formula in a line, by the same rule as in an abstract."""
    if state.src[state.pos] not in "$\\":
        return False
    found = FORMULA.match(state.src, state.pos, state.posMax)
    if not found or is_sentence(found):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup = found[found.lastgroup], found[0]
        token.info = "display" if is_displayed(found) else ""
    state.pos = found.end()
    return True


def _link_rule(state, silent):
    """A link; there is none in the words of another."""
    return not state.linkLevel and link(state, silent)


def _autolink_rule(state, silent):
    """``<https://example.org>``, likewise."""
    return not state.linkLevel and autolink(state, silent)


def _image_rule(state, silent):
    """``![words](address)``: a link to the picture; inside of a link its words alone."""
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
    """Where the bracket at ``start`` closes, or -1. The library's own takes very long for some."""
    end = _bracket_pairs(state.src).get(start, -1)
    return end if end - start <= LONGEST_LABEL else -1


@lru_cache(maxsize=1)
def _bracket_pairs(source):
    """Where each bracket closes."""
    opened, pairs = [], {}
    for found in BRACKET.finditer(source):
        if found[0] == "[":
            opened.append(found.start())
        elif found[0] == "]" and opened:
            pairs[opened.pop()] = found.start()
    return pairs


def _link_destination(string, pos, maximum):
    """The address of a link, at ``pos``. The library's own goes through many of them ever again."""
    found = DESTINATION.match(string, pos, maximum)
    if not found:
        return SimpleNamespace(ok=False, pos=0, str="")
    return SimpleNamespace(ok=True, pos=found.end(), str=unescapeAll(found[found.lastgroup]))


def _bare_url_rule(state, silent):
    """An address without brackets, noticed at its colon: ``http`` before it was taken for text."""
    at, source = state.pos, state.src
    if silent or state.linkLevel or not source.startswith("://", at):
        return False
    size = 5 if source[at - 5 : at].lower() == "https" else 4
    found = BARE_URL.match(source, at - size, state.posMax)
    if not found or state.pending[-size:] != source[at - size : at]:
        return False
    url = found[0].rstrip(AFTER_URL)
    state.pending = state.pending[:-size]
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
    state.push("text", "", 0).content = url
    state.push("link_close", "a", -1)
    state.pos += len(url) - size
    return True


def _mention_rule(state, silent):
    """``@name`` of a member; not in a link, a word or a mail address. All names are noted."""
    if silent or state.linkLevel or state.src[state.pos] != "@":
        return False
    found = MENTION.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    handles = state.env["handles"]
    for name in possible_names(found["name"]):
        state.env["named"] |= name_variants(name)
        if name_variants(name) & handles:
            state.push("mention", "span", 0).content = f"@{name}"
            state.pos += 1 + len(name)
            return True
    return False


def possible_names(written):
    """The names that may be meant, the longest first: a full stop may be a part of one or not."""
    shortest = len(written.rstrip("._+-")) or 1
    return [written[:length] for length in range(len(written), shortest - 1, -1)]


def name_variants(name):
    """The name as it is written, and in small letters."""
    return {name, name.casefold()}
