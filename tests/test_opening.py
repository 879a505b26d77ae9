"""The first line of a text in Markdown shows its words without the marks."""

import pytest

from papers.rendering import opening_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("**Why** the _moon_?\nsecond", "Why the moon?"),
        ("**Why\nthe moon**", "Why"),
        ("> quoted\n\nOwn `x_1` and snake_case ~~no~~", "Own x_1 and snake_case no"),
        ("> only *quoted*", "only quoted"),
        ("# Head\n\ntext", "Head"),
        ("- item *a*\n- b", "item a"),
        ("- > quoted\n- own", "own"),
        ("```\ncode *a*\nb\n```", "code *a*"),
        ("1. first", "first"),
        ("| **a** | b |\n|-|-|\n| c | d |", "a"),
        ("a [link *b*](https://a.org) and <https://a.org>", "a link b and https://a.org"),
        ("![a plot](https://example.org/a.png)", "a plot"),
        ("see https://example.org/a_b_c.", "see https://example.org/a_b_c."),
        ("so $x_1*y_1*z$ and $5", "so $x_1*y_1*z$ and $5"),
        ("$$\nx\n$$\nas said", "$$ x $$"),
        (r"\*not\* bold", "*not* bold"),
        ("<b>x</b> &amp; y", "<b>x</b> & y"),
        ("@ada asks", "@ada asks"),
        ("***", "***"),
        ("", ""),
        ("x" * 200, "x" * 159 + "…"),
    ],
)  # fmt: skip
def test_the_first_line_without_its_marks(text, line):
    assert opening_line(text) == line
