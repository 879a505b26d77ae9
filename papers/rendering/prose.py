"""What members write -> safe HTML: Markdown with formulas, addresses and mentions."""

import logging
import re
from functools import lru_cache

import nh3
from django.utils.html import escape, linebreaks
from django.utils.safestring import mark_safe
from markdown_it.renderer import RendererHTML

from papers.rendering.dialect import (
    MENTION,
    build_parser,
    name_variants,
    possible_names,
    spend_budget,
)
from papers.rendering.formulas import (
    LONGEST_FORMULA,
    MATH_ATTRIBUTES,
    MATH_TAGS,
    MOST_FORMULAS,
    to_mathml,
)

LONGEST_PROSE = 10_000  # characters; a longer text is shown as it was written
MOST_SYMBOLS = 3000  # of all its formulas: what reading them takes grows with these
WIDE_FORMULA = 30  # characters of a formula in a line, from which on it may not fit on a phone

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


def render_markdown(text, handles=frozenset()):
    """``text`` as safe HTML; ``@name`` is a mention if the name is one of ``handles``."""
    if len(text) > LONGEST_PROSE:
        return _as_written(text)
    named = set()
    for found in MENTION.finditer(text):
        named.update(*map(name_variants, possible_names(found["name"])))
    return render_cached(text, frozenset(named.intersection(handles)))


def mentioned_names(text):
    """The names that an ``@`` in ``text`` may mean, also in small letters; not those in code."""
    env = {"handles": frozenset(), "named": set()}
    if len(text) <= LONGEST_PROSE and "@" in text:
        PARSER.parse(text, env)
    return env["named"]


@lru_cache(maxsize=2000)
def render_cached(text, handles):
    """The text as HTML, kept for as long as others are not read more recently."""
    try:
        html = PARSER.render(text, {"handles": handles, "named": set()})
        return mark_safe(nh3.clean(html, **SANITIZER_OPTIONS))  # noqa: S308
    except Exception:  # a page of comments is shown, whatever one of them does to the parser
        log.exception("A text could not be rendered")
        return _as_written(text)


def _as_written(text):
    return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308


def _scroll_open_tag(tag, label):
    """The beginning of a ``tag`` that scrolls by itself, also by keyboard, if it is too wide."""
    return f'<{tag} class="scroll" role="group" tabindex="0" aria-label="{label}">'


class ProseRenderer(RendererHTML):
    """Writes each token as HTML. What a person wrote is escaped here, and cleaned once more after.

    The signature of its methods is that of the library.
    """

    def heading_open(self, tokens, at, options, env):
        """A heading is bold: the outline is that of the page, not of the comments on it."""
        return "<p><strong>"

    def heading_close(self, tokens, at, options, env):
        return "</strong></p>\n"

    def table_open(self, tokens, at, options, env):
        return _scroll_open_tag("div", "Table") + "<table>\n"

    def table_close(self, tokens, at, options, env):
        return "</table></div>\n"

    def td_open(self, tokens, at, options, env):
        """A cell; a style becomes a class, and a heading without words an ordinary cell."""
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
        """The end of a link; one without words shows where it leads."""
        opened = tokens[at - 1]
        return f"{escape(opened.attrGet('href')) if opened.type == 'link_open' else ''}</a>"

    def mention(self, tokens, at, options, env):
        return f'<span class="mention">{escape(tokens[at].content)}</span>'

    def formula(self, tokens, at, options, env):
        """A formula as MathML, as it was written if it cannot be read; wide ones scroll."""
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
        """MathML, as long as the formulas of the text are not too many or too long."""
        symbols = len(SYMBOL.findall(token.content))
        if (
            len(token.markup) > LONGEST_FORMULA
            or not spend_budget(env, "formulas", 1, MOST_FORMULAS)
            or not spend_budget(env, "symbols", symbols, MOST_SYMBOLS)
        ):
            return ""
        return to_mathml(token.content, bool(token.info))


PARSER = build_parser(ProseRenderer)
