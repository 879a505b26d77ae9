"""Rendering of members' Markdown, with formulas, links and mentions, as safe HTML."""

import logging
import re
from collections.abc import Set
from functools import lru_cache

import nh3
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it.renderer import RendererHTML

from papers.rendering.dialect import (
    MENTION,
    build_parser,
    name_variants,
    possible_names,
    spend_budget,
)
from papers.rendering.formulas import LONGEST_FORMULA, MOST_FORMULAS
from papers.rendering.mathml import MATH_ATTRIBUTES, MATH_TAGS, to_mathml

LONGEST_PROSE = 10_000  # characters; a longer text is shown as written
MOST_SYMBOLS = 3000  # of all formulas of a text; the time to read them grows with their number
WIDE_FORMULA = 30  # characters; a longer formula within a line may not fit on a phone

SYMBOL = re.compile(r"\\[a-zA-Z]+|\S")
TAG = re.compile("<[^>]*>")
# fmt: off
PROSE_TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "hr", "li", "ol", "p", "pre", "s", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}
# fmt: on
SCROLL_ATTRIBUTES = {
    "class": {"scroll"},
    "role": {"group"},
    "tabindex": {"0"},
    "aria-label": {"Table", "Code", "Formula"},
}
ALIGN_ATTRIBUTES = {"class": {"left", "center", "right"}}
SANITIZER_OPTIONS = {
    "tags": MATH_TAGS | PROSE_TAGS,
    "attributes": dict.fromkeys(MATH_TAGS, MATH_ATTRIBUTES)
    | {"a": {"href", "title"}, "ol": {"start"}},
    "tag_attribute_values": {
        "div": SCROLL_ATTRIBUTES,
        "pre": SCROLL_ATTRIBUTES,
        "span": SCROLL_ATTRIBUTES | {"class": {"scroll", "mention"}},
        "td": ALIGN_ATTRIBUTES,
        "th": ALIGN_ATTRIBUTES,
    },
    "url_schemes": {"http", "https", "mailto"},
    "url_relative": "deny",
    "link_rel": "nofollow noopener noreferrer",
}
log = logging.getLogger(__name__)


def render_markdown(text: str, handles: Set[str] = frozenset()) -> SafeString:
    """``text`` as safe HTML; ``@name`` is a mention if the name is one of ``handles``."""
    if len(text) > LONGEST_PROSE:
        return _as_written(text)
    named = set()
    for mention in MENTION.finditer(text):
        named.update(*map(name_variants, possible_names(mention["name"])))
    return render_cached(text, frozenset(named.intersection(handles)))


def mentioned_names(text: str) -> set[str]:
    """The names that an ``@`` outside code may mean, as written and case-folded."""
    env = {"handles": frozenset(), "named": set()}
    if len(text) <= LONGEST_PROSE and "@" in text:
        PARSER.parse(text, env)
    return env["named"]


@lru_cache(maxsize=2000)
def render_cached(text: str, handles: frozenset[str]) -> SafeString:
    """``text`` as safe HTML, from a cache of the texts used most recently."""
    try:
        html = PARSER.render(text, {"handles": handles, "named": set()})
        return mark_safe(nh3.clean(html, **SANITIZER_OPTIONS))  # noqa: S308
    except Exception:  # one comment that breaks the parser must not break the page
        log.exception("A text could not be rendered")
        return _as_written(text)


def _as_written(text):
    return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308


def _scroll_open_tag(tag, label):
    """The start of a ``tag`` that scrolls by itself if it is too wide, also by keyboard."""
    return f'<{tag} class="scroll" role="group" tabindex="0" aria-label="{label}">'


class ProseRenderer(RendererHTML):
    """Renders each token as HTML. Text is escaped here, and the result is sanitised once more.

    The signatures of the methods are those of the library.
    """

    def heading_open(self, tokens, at, options, env):
        """Render a heading as bold text, so that comments do not change the outline of the page."""
        return "<p><strong>"

    def heading_close(self, tokens, at, options, env):
        return "</strong></p>\n"

    def table_open(self, tokens, at, options, env):
        return _scroll_open_tag("div", "Table") + "<table>\n"

    def table_close(self, tokens, at, options, env):
        return "</table></div>\n"

    def td_open(self, tokens, at, options, env):
        """Render a cell. A style becomes a class, and an empty heading an ordinary cell."""
        token = tokens[at]
        tag = token.tag if tokens[at + 1].content else "td"
        style = token.attrGet("style") or ""
        return f'<{tag} class="{style.removeprefix("text-align:")}">' if style else f"<{tag}>"

    def td_close(self, tokens, at, options, env):
        return f"</{tokens[at].tag if tokens[at - 1].content else 'td'}>\n"

    th_open, th_close = td_open, td_close

    def fence(self, tokens, at, options, env):
        return f"{_scroll_open_tag('pre', 'Code')}<code>{escape(tokens[at].content)}</code></pre>\n"

    code_block = fence

    def link_close(self, tokens, at, options, env):
        """Render the end of a link. A link without text shows its address."""
        opened = tokens[at - 1]
        return f"{escape(opened.attrGet('href')) if opened.type == 'link_open' else ''}</a>"

    def mention(self, tokens, at, options, env):
        return f'<span class="mention">{escape(tokens[at].content)}</span>'

    def formula(self, tokens, at, options, env):
        """Render a formula as MathML, or as written if it cannot be read. Wide ones scroll."""
        token = tokens[at]
        html = self._formula_mathml(token, env)
        if not html:
            written = escape(token.markup).replace("\n", "<br>\n")
            return f"<p>{written}</p>\n" if token.block else written
        if token.block:
            return f"{_scroll_open_tag('div', 'Formula')}{html}</div>\n"
        if token.info or len(TAG.sub("", html)) >= WIDE_FORMULA:
            return f"{_scroll_open_tag('span', 'Formula')}{html}</span>"
        return html

    def _formula_mathml(self, token, env):
        """MathML, or "" if the formulas of the text are too many or too long."""
        symbols = len(SYMBOL.findall(token.content))
        if (
            len(token.markup) > LONGEST_FORMULA
            or not spend_budget(env, "formulas", 1, MOST_FORMULAS)
            or not spend_budget(env, "symbols", symbols, MOST_SYMBOLS)
        ):
            return ""
        return to_mathml(token.content, bool(token.info))


PARSER = build_parser(ProseRenderer)
