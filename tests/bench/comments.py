"""The slowest texts to render within the limits of a comment, found by trial.

Those in ``WORST`` have 10,000 characters. Most repeat something that a parser of Markdown or of
formulas has to try again at each position, or that becomes much more HTML than text.
"""

from papers.rendering import LONGEST_PROSE


def filled(unit, after=""):
    """``after``, followed by ``unit`` repeated up to the limit."""
    return (after + unit * (LONGEST_PROSE // len(unit) + 1))[:LONGEST_PROSE]


def grown(unit, most=60):
    """``unit`` repeated, each time with its first character once more."""
    return filled("".join(unit[0] * number + unit for number in range(most)))


def formulas(unit, number, mark="$", between=" "):
    """``number`` different formulas of repeated ``unit``, as long as possible."""
    size = min(LONGEST_PROSE // number, 2000) - 2 * len(mark) - len(between) - 3
    inside = unit * (size // len(unit))
    return "".join(f"{mark}{inside}{n}{mark}{between}" for n in range(number))[:LONGEST_PROSE]


def table(columns, row, rows):
    """Tables with a wide head and ``rows`` rows, which may be short."""
    head = "|".join("a" * columns) + "\n" + "|".join("-" * columns) + "\n"
    return filled(head + row * rows + "\n")


# fmt: off
FLOODS = [
    "[", "![", "![[", "![a](", "[a](", "[](x", "[a][", "[a]", "](", "[[a](http://a)", '[a](a"',
    "[a](http://b) ", "![a](http://b) ", "[![a](http://b)](http://b)", "[a]: http://b\n", "[a]:\n",
    "*", "*_", "**a ", "*a **b ", "***a***", "_a_ ", "a**b", "~~", "~~a~~ ", "`", "``a`", "`a",
    "$", "$$", "$$$", "$x", "$x$ ", "$$ a\n", "$$\n", "$$a\nb $$ c\n", "\\[\n", "\\(", "\\",
    "<", "<a", "<!--", "<http:", "<http://a>", "<a@b.c>", "&", "&amp;", "&#1;", "&a",
    "@", "@a ", "@a.", "@a.b", "@._-", "http://", "http://a ", "http://a(", "://", ":",
    ">", ">\n", "> ", "> a\n", ">\n>\n\n", "- ", "- a\n", "-\n", "1. a\n", "- a\n\n", "+ \n",
    "# ", "# a\n", "---\n", "- -\n", "```\n", "```a\n\n", "~~~\n", "    a\n", "\t", "a\n\n",
    "|", "a|b\n", "a|b\n-|-\n", "|a|\n|-|\n", "a  \n", "\\\n", "é", "🙂", "\0", "\r",
    # These were found by chance and took a second each.
    "> [a]: http://a\n\\[|a|b|\n|-|-|\n> ", "> # ](b\\[|a|b|\n|-|-|\na|b\n-|-\n>",
    "\\[]([![}:", "_[($$*'", "\n    é\n- ", "_\n$$\nx'<http://a>$$_![=", "> - ",
]
GROWING = ["`a", "*a ", "[a]", "> a\n", " - a\n", "(_~$!["]
# Formulas that take longest to convert, or that give the longest result.
COSTLY = ["x'", "x^1", "x_1", "~", "+", "&", r"\TeX ", r"\vec1", r"\not1", r"\hat x", r"\frac12"]
DEEP = [r"\frac{1}{", r"\sqrt{", r"\left(", "{", "x^{", r"\begin{matrix}"]
# fmt: on

WORST = {
    "a very wide table": filled("a\n", "|a" * 1600 + "\n" + "|-" * 1600 + "\n"),
    "ever wider tables": "".join(
        "|a" * columns + "\n" + "|-" * columns + "\n" + "a\n" * 18 + "\n"
        for columns in (2000 // (20 * number) for number in range(20, 0, -1))
    ),
    "quotes in quotes": "\n".join(">" * depth for depth in range(140)),
    "20 quotes": filled(">" * 20 + "a\n"),
    "lists in lists": "\n".join("  " * depth + "- a" for depth in range(98)),
    "10 lists": filled("\n".join("  " * depth + "- a" for depth in range(10)) + "\n"),
    "lists on a line": filled("- " * 20 + "a\n"),
    "bold in bold": "**" * 2500 + "a" + "**" * 2499,
    "emphasis in bold": "*a **b" * 800 + "c* d**" * 800,
    "ends of emphasis": "a**b" + "c* " * 3000,
    "links in links": "[" * 1500 + "](http://a)" * 750,
    "pictures in pictures": "![" * 800 + "](a://b)" * 800,
    "one reference": filled("[a] ", "[a]: http://b\n\n"),
    "many references": filled("[1]", "\n".join(f"[{n}]: http://b" for n in range(300)) + "\n\n"),
    "brackets after references": filled("[", "[a]: http://b\n" * 100 + "\n"),
}
for unit in FLOODS:
    WORST[f"much {unit!r}"] = filled(unit)
for unit in GROWING:
    WORST[f"more and more {unit!r}"] = grown(unit)
for unit in COSTLY + DEEP:
    WORST[f"200 formulas of {unit}"] = formulas(unit, 200)
    WORST[f"5 formulas of {unit}"] = formulas(unit, 5)
    WORST[f"3 formulas of {unit}, then emphasis"] = filled("*a*", formulas(unit, 5)[:6000])
WORST["formulas on their own"] = formulas("x'", 5, "$$", "\n\n")
for columns in (2, 10, 100):
    for row in ("a\n", "|\n", "a|" * columns + "\n"):
        for rows in (20, 1800 // columns, 10_000):
            WORST[f"{columns} columns, {rows} times {row!r:.9}"] = table(columns, row, rows)
