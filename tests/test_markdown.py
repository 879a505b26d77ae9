"""What members write becomes safe HTML: all of Markdown that is meant, and nothing beyond it."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.models.comments import MAX_COMMENT_LENGTH
from papers.rendering import (
    LONGEST_PROSE,
    MATH_ATTRIBUTES,
    MATH_TAGS,
    mentioned_names,
    prose,
    render_markdown,
)
from tests.bench.comments import WORST
from tests.hostile import ADDRESSES, FORMS, MARKUP, MATH, PLACES

# All that may be there: the tags that are no MathML, with their attributes and the values of these.
SCROLLS = {
    "class": "scroll",
    "role": "group",
    "tabindex": "0",
    "aria-label": "Table|Code|Formula",
}
BARE = ["blockquote", "br", "code", "em", "hr", "li", "p", "s", "strong", "table", "tbody", "thead"]
HTML = dict.fromkeys([*BARE, "tr", "ul"], {}) | {
    "a": {"href": "(https?://|mailto:).+", "title": ".*", "rel": "nofollow noopener noreferrer"},
    "div": SCROLLS,
    "ol": {"start": r"\d+"},
    "pre": SCROLLS,
    "span": SCROLLS | {"class": "scroll|mention"},
    "td": {"class": "left|center|right"},
    "th": {"class": "left|center|right"},
}


class Tree(HTMLParser):
    """The elements and the text of HTML; whatever is neither is an error."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.open = [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        assert len(dict(attributes)) == len(attributes)
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def unknown(self, data):
        raise AssertionError(data)

    handle_comment = handle_decl = handle_pi = unknown_decl = unknown

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def check_safe(html):
    """Nothing is in ``html`` but what may be there."""
    assert isinstance(html, SafeString)
    tree = Tree(html)
    for tag, attributes in tree.elements:
        if tag in MATH_TAGS:
            assert attributes.keys() <= MATH_ATTRIBUTES
            continue
        assert tag in HTML
        for name, value in attributes.items():
            assert re.fullmatch(HTML[tag][name], value, re.DOTALL | re.IGNORECASE), (tag, name)
        if "href" in attributes:
            assert urlsplit(attributes["href"]).scheme in ("http", "https", "mailto")
    return tree


def links(text):
    return [link.get("href") for link in check_safe(render_markdown(text)).all("a")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("one\r\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("a\n---\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ("a < b & c &lt; \"d\"", "<p>a &lt; b &amp; c &lt; \"d\"</p>"),
        (r"\*a\* \@b \$c\$", "<p>*a* @b $c$</p>"),
        ("", ""),
        (" \n ", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text, html):
    assert render_markdown(text).strip() == html


@pytest.mark.parametrize("level", range(1, 7))
def test_a_heading_is_bold_and_no_part_of_the_outline_of_the_page(level):
    html = render_markdown("#" * level + " Why *this*")
    assert html == "<p><strong>Why <em>this</em></strong></p>\n"


@pytest.mark.parametrize("text", ["```py\nif a < b:\n    $x$ *c* @ada\n```", "    a < b $x$ @ada"])
def test_code_is_left_as_it_is_and_scrolls_by_keyboard(text):
    tree = check_safe(render_markdown(text, {"ada"}))
    assert [tag for tag, _ in tree.elements] == ["pre", "code"]
    assert tree.all("pre")[0]["tabindex"] == "0"
    assert "a < b" in tree.text
    assert "$x$" in tree.text


def test_a_table_scrolls_by_itself_and_keeps_its_alignment():
    tree = check_safe(render_markdown("| a | | c |\n|:-|:-:|--:|\n| 1 | $x$ | 3 |\n"))
    scroll = {"class": "scroll", "role": "group", "tabindex": "0", "aria-label": "Table"}
    assert tree.all("div") == [scroll]
    cells = [(tag, found["class"]) for tag, found in tree.elements if tag in ("th", "td")]
    # A heading without words is none.
    assert cells[:3] == [("th", "left"), ("td", "center"), ("th", "right")]
    assert cells[3:] == [("td", "left"), ("td", "center"), ("td", "right")]
    assert len(tree.all("math")) == 1


def test_a_table_of_very_many_cells_stays_text():
    head = "|a" * 100 + "\n" + "|-" * 100 + "\n"
    assert render_markdown(head + "b\n" * 15).count("<td>") == 1500
    tree = check_safe(render_markdown(head + "b\n" * 3000))
    assert tree.all("table") == []
    assert tree.text.count("b") == 3000


@pytest.mark.parametrize("text", [">" * 40 + " kept", "- " * 40 + "kept", "> - " * 40 + "kept"])
def test_what_is_too_deep_is_still_there(text):
    tree = check_safe(render_markdown(text + "\n\nand this"))
    assert "kept" in tree.text
    assert "and this" in tree.text
    assert 10 <= len(tree.all("blockquote") + tree.all("li")) <= 30


def test_quotes_whose_ends_are_sought_in_vain_stay_text():
    lazy = "".join(f"> [a{n}]: http://b\nlazy {n}\n> " for n in range(350))
    assert "lazy 349" in check_safe(render_markdown(lazy)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org", ["https://example.org"]),
        ("HTTP://Example.org/A", ["HTTP://Example.org/A"]),
        ("(see https://example.org/a_b_(c).)", ["https://example.org/a_b_(c)"]),
        ("https://example.org/a?b=c&d=$e$#f, then", ["https://example.org/a?b=c&d=$e$#f"]),
        ("**https://example.org/** _https://example.org/_", ["https://example.org/"] * 2),
        ("| a |\n|-|\n|https://example.org|", ["https://example.org"]),
        ("https://a.org https://b.org:8000/x", ["https://a.org", "https://b.org:8000/x"]),
        ("<https://example.org/a*b*>", ["https://example.org/a*b*"]),
        ("<ada@example.org>", ["mailto:ada@example.org"]),
        ("[a](https://example.org/x_(y) 'z')", ["https://example.org/x_(y)"]),
        ("[https://a.org](https://b.org)", ["https://b.org"]),
        (
            "[a](<https://a.org/b c>) [a](https://a.org/\\)(b(c)))",
            ["https://a.org/b%20c", "https://a.org/)(b(c))"],
        ),
        ("[`]` and [b]](https://a.org) [\\]](https://b.org)", ["https://a.org", "https://b.org"]),
        ("[a [b](https://b.org) c](https://a.org)", ["https://a.org"]),
        ("[a <https://b.org>](https://a.org)", ["https://a.org"]),
        ("[a](https://a.org", ["https://a.org"]),
        ("[a](https://a.org/(b) [" + "a" * 1001 + "](mailto:b@c.d)", ["https://a.org/(b)"]),
        ("[a][B]\n\n[b]: https://example.org", ["https://example.org"]),
        ("![a *plot*](https://example.org/a.png)", ["https://example.org/a.png"]),
        ("[![a](https://a.org/a.png)](https://b.org)", ["https://b.org"]),
        ("[](https://example.org)", ["https://example.org"]),
        ("https:// http://_ ahttp://a.org ftp://a.org www.a.org a.org @https://a.org", []),
        (r"`https://example.org` \https://example.org https\://example.org", []),
        ("[a](/b) [c](d.html) [e](#f) [g](//h.org) [i](HTTPX://j) ![k](/l.png)", []),
    ],
)
def test_addresses_become_links(text, expected):
    assert links(text) == expected


# fmt: off
@pytest.mark.parametrize("address", [
    "https://a.org", "https://a.org/", "https://a.org/b", "https://a.org/b_(c)", "https://a.org/?b=c#d",
])
@pytest.mark.parametrize("after", [
    "”", "“", "’", "‘", "»", "«", "›", "‹", "…", "—", "– so", "。", "、",
    "，", "；", "：", "！", "？", "）", "】", "」", "』", "》", "（", "を見る", "参照", "한국어",
    "ｂ", "！。", "”。", "،", "؟", "।", "·", "→ b", "🙂", "\u00a0b", "\u200b", "’s page",
    "”)", ").", ")", "]", "}", "'", '"', "...", "?!", " b",
])
# fmt: on
def test_a_bare_address_ends_before_the_sentence_around_it(address, after):
    tree = check_safe(render_markdown(f"See “{address}{after}"))
    assert [link["href"] for link in tree.all("a")] == [address]
    assert tree.text.strip() == f"See “{address}{after}"


# fmt: off
@pytest.mark.parametrize("address", [
    "https://de.wikipedia.org/wiki/Gödel", "https://de.wikipedia.org/wiki/Go\u0308del_(Mond)",
    "https://en.wikipedia.org/wiki/Bose–Einstein_condensate", "https://a.org/a_(b_(c))_d",
    "https://ca.wikipedia.org/wiki/Col·lecció", "https://ru.wikipedia.org/wiki/Москва",
    "https://hi.wikipedia.org/wiki/दिल्ली", "https://ar.wikipedia.org/wiki/مصر",
    "https://müller.de/straße", "https://例え.jp/a", "https://a.org/[b]/{c}?d[]=e", "https://a.org/~b/@c",
    "https://a.org/a;b=c,d!e$f&g=h+i%20j'k*l|m^n", "https://a.org:8000/b..c/d--e",
])
@pytest.mark.parametrize("around", [
    "{}", "({})", "“{}”.", "（{}）。", "{}，", "[{}]", "*{}*", "{}…",
])
# fmt: on
def test_a_whole_address_is_a_link(address, around):
    tree = check_safe(render_markdown(around.format(address)))
    assert len(tree.all("a")) == 1
    assert tree.all("a")[0]["href"] == prose.PARSER.normalizeLink(address)
    assert tree.text.strip() == around.format(address).strip("*")


@pytest.mark.parametrize("before", ["参照", "見る", "한국어", "：", "ｂ", "「", "—", "→", "…", "“"])
def test_an_address_directly_after_text_without_spaces_is_a_link(before):
    tree = check_safe(render_markdown(f"{before}https://a.org/b。"))
    assert [link["href"] for link in tree.all("a")] == ["https://a.org/b"]


def test_a_picture_is_a_link_with_its_words_and_a_link_without_words_has_its_address():
    assert check_safe(render_markdown("![a *plot*](https://a.org/a.png)")).text == "a plot\n"
    assert check_safe(render_markdown("[![a](https://a.org/a.png)](https://b.org)")).text == "a\n"
    assert check_safe(render_markdown("[](https://b.org)")).text == "https://b.org\n"


@pytest.mark.parametrize(
    ("text", "formulas", "displayed"),
    [
        ("so $x^2$ and $$y$$", 2, 1),
        (r"so \(x^2\) and \[y\]", 2, 1),
        ("We have\n$$\na\n= b\n- c\n# d\n$$\nas said", 1, 1),
        ("We have\n\\[\na\n= b\n\\]\nas said", 1, 1),
        ("> - $$x\n>   + y$$\n", 1, 1),
        ("> quoted $x$ and\n> $$\n> y\n> $$", 2, 1),
        ("| $x$ | $y_1$ |\n|-|-|\n| $z_1$ | *$w$* |", 4, 0),
        ("# On $x$", 1, 0),
        ("[the $x$ of it](https://example.org)", 1, 0),
        ("*a $x*y$ b*", 1, 0),
        ("$a_1$ and $b_1$ stay _two_", 2, 0),
        (r"$$\begin{aligned} a &= b \\ c &= d \end{aligned}$$", 1, 1),
        ("$$\nx\n\ny\n$$", 0, 0),
        ("$$\nx", 0, 0),
        ("It costs $5 and $10, or $5-$10.", 0, 0),
        ("`$x$` and ``$$x$$``", 0, 0),
        (r"\$x\$ and $ x $", 0, 0),
        ("PATH=$HOME/bin:$PATH and ${A}/b:${B}", 0, 0),
    ],
)
def test_math(text, formulas, displayed):
    tree = check_safe(render_markdown(text))
    kinds = [found["display"] for found in tree.all("math")]
    assert len(kinds) == formulas
    assert kinds.count("block") == displayed
    if not formulas:
        assert "".join(tree.text.split()) == "".join(re.sub(r"[`\\]", "", text).split())


def test_a_formula_that_cannot_be_read_stays_as_it_was_written():
    assert render_markdown(r"See $\nothing{x}$.") == "<p>See $\\nothing{x}$.</p>\n"
    assert render_markdown("$$\n\\nothing{<b>}\n$$") == (
        "<p>$$<br>\n\\nothing{&lt;b&gt;}<br>\n$$</p>\n"
    )


def test_only_so_many_formulas_are_read():
    assert render_markdown("$x$ " * 300).count("<math") == 200
    assert (
        render_markdown("$" + "x" * 990 + "$ " + ("$" + "y " * 500 + "z$ ") * 5).count("<math") == 5
    )
    assert "<math" not in render_markdown("$" + "x" * 2001 + "$")


def test_wide_formulas_scroll_by_themselves():
    tree = check_safe(render_markdown("$x$, $" + "a+" * 40 + "b$ and $$c$$\n\n$$d$$"))
    assert [found["class"] for found in tree.all("span") + tree.all("div")] == ["scroll"] * 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@ada", ["@ada"]),
        ("@Ada, (@ada) @ada: @ada's *@ada* _@ada_ @ada.", ["@Ada"] + ["@ada"] * 6),
        ("@jim_jr. and @jim_jr., not @jim_jr", ["@jim_jr."] * 2),
        ("@bo-b+c @bo", ["@bo-b+c"]),
        ("| @ada |\n|-|\n| a |", ["@ada"]),
        ("@eve @adam @ada2 @@ada x@ada ada@ada @ada@ada a.@ada /@ada", []),
        (r"`@ada` \@ada [@ada](https://a.org) https://a.org/@ada <ada@ada.org>", []),
        ("    @ada\n\n```\n@ada\n```", []),
    ],
)
def test_members_are_mentioned(text, shown):
    handles = {"ada", "jim_jr.", "bo-b+c"}
    found = re.findall(r'<span class="mention">(.*?)</span>', render_markdown(text, handles))
    assert found == shown
    assert {name.casefold() for name in handles if "@" + name in map(str.casefold, shown)} == (
        mentioned_names(text) & handles
    )
    assert "mention" not in render_markdown(text)


def test_the_same_text_in_another_group_mentions_its_own_members():
    assert "mention" in render_markdown("@ada", {"ada"})
    assert "mention" not in render_markdown("@ada", {"bob"})


def test_a_longer_text_is_shown_as_it_was_written():
    text = "*a* <b>\n@ada\n\n" * 1000
    html = render_markdown(text, {"ada"})
    check_safe(html)
    assert html.startswith("<p>*a* &lt;b&gt;<br>@ada</p>")
    assert mentioned_names(text) == set()
    assert LONGEST_PROSE == MAX_COMMENT_LENGTH


def test_a_text_that_breaks_the_parser_is_shown_as_it_was_written(monkeypatch, caplog):
    monkeypatch.setattr(prose.PARSER, "render", lambda *args: 1 / 0)
    assert render_markdown("*never seen before* <b>") == "<p>*never seen before* &lt;b&gt;</p>"
    assert "never seen" not in caplog.text.split("Traceback")[0]


def check_text(text, handles=frozenset({"ada"})):
    """The same as ``render_markdown``, but an error of the parser is one here."""
    html = prose.PARSER.render(text, {"handles": handles, "named": set()})
    assert render_markdown(text, handles) == prose.nh3.clean(html, **prose.SANITIZER_OPTIONS)
    return check_safe(render_markdown(text, handles))


@pytest.mark.parametrize("bad", [*ADDRESSES, *MARKUP, *MATH])
def test_nothing_gets_out_of_the_text(bad):
    places = FORMS if bad in ADDRESSES else PLACES
    for text in [bad, *(place.format(bad) for place in places)]:
        check_text(text)


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
def test_the_worst_texts_are_safe_too(text):
    assert len(text) <= LONGEST_PROSE
    check_text(text)


# fmt: off
PIECES = st.sampled_from([
    "[", "](", ")", "![", "[a]: ", "<", ">", "> ", "- ", "1. ", "# ", "|", "|-|\n", "---", "*", "_",
    "**", "~~", "`", "```", "\n", "\n\n", "    ", "\t", "\\", "$", "$$", r"\(", r"\)", r"\[", r"\]",
    "@ada", "@", "https://a.org", "http://", "javascript:", "data:", "mailto:a@b.c", "'", '"', "^",
    "&lt;", "&#x3C;", "&", "<script>", "<img src=x onerror=a>", "</p>", "<!--", r"\text{", "}", "a",
    r"\frac", "1", " ", "é", "🙂", "\0", "\u2028", "&colon;", "[::1]", "xn--",
])
# fmt: on


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_safe(text):
    tree = check_text(text)
    shown = any(found.get("class") == "mention" for found in tree.all("span"))
    assert shown == ("ada" in mentioned_names(text))
