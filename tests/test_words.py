"""Phrases that strangers stumbled over: no page, mail or message uses them again."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RETIRED = (
    "none of the picks of|Run it|Call it off|[Cc]alled off|It was not held after all|Fix this date"
    "|fixes itself|If need be|I come|I join remotely|I cannot come|Who comes|waits in line"
    "|By the clock of|counts for nothing|Take off|Put it on|Add a paper of the ranking|On paper"
    "|Open for the meeting|We came to it|What came of it|It has not begun|This is past|Read last"
    "|Needs you|upvotes elsewhere|as you take part in it|reader of news|Make an address|Make it"
    "|ring as they like|does not follow when|What it would bring too late|All that is kept of you"
    "|As the system|touched since go|meetings to look back on|passes all of these filters"
    "|None is left|holds ten minutes|is yours to choose|leads to no invitation"
    "|correct what is marked below|of theirs|of yours"
)
PHRASE = re.compile(rf"\b({RETIRED})\b")
PAGES = [page for kind in ("html", "txt") for page in (ROOT / "templates").rglob(f"*.{kind}")]
MODULES = [
    module
    for module in (ROOT / "papers").rglob("*.py")
    if "migrations" not in module.parts and "titles" not in module.parts
]


def texts_of(module):
    """The strings of a module, without its docstrings."""
    tree = ast.parse(module.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_and_mails(page):
    assert PHRASE.findall(" ".join(page.read_text().split())) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_messages_and_labels(module):
    assert PHRASE.findall("\n".join(texts_of(module))) == []
