"""A paper without a link is looked for on other sites, by its title."""

from urllib.parse import parse_qs, urlsplit

import pytest

from papers.library.find_links import searchable_title
from tests.browsing import Browser
from tests.factories import make_paper

SITES = ["arXiv", "Hugging Face", "Google Scholar", "Semantic Scholar"]


def find_links(user, paper):
    page = Browser(user).open(paper.get_absolute_url())
    lists = [each for each in page.root.all("ul") if each.get("aria-label") == "Find it"]
    return [link for each in lists for link in each.all("a")]


def test_a_paper_without_a_link_is_looked_for_by_its_title(group, bob):
    title = r"Größe & 50% of “Nets”: $\ell_1$-norms #1 + Schr\"{o}dinger"
    links = find_links(bob, make_paper(group=group, title=title))
    assert [link.text for link in links] == SITES
    for link in links:
        parts = urlsplit(link.get("href"))
        assert parts.scheme == "https"
        assert parts.fragment == ""
        query = parse_qs(parts.query, strict_parsing=True)
        assert ["Größe & 50% of “Nets”: -norms #1 + Schrödinger"] in query.values()
        assert link.get("rel") == "noopener noreferrer"
    assert [urlsplit(link.get("href")).hostname for link in links] == [
        "arxiv.org",
        "huggingface.co",
        "scholar.google.com",
        "www.semanticscholar.org",
    ]


@pytest.mark.parametrize(
    "fields", [{"arxiv_id": "2401.12345"}, {"doi": "10.1/x"}, {"link": "https://example.org/"}]
)
def test_a_paper_with_a_link_is_not(group, bob, fields):
    assert find_links(bob, make_paper(group=group, **fields)) == []


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Deep  learning\n for all", "Deep learning for all"),
        (r"On $\mathbb{R}^n$ and \(x\) spaces", "On and spaces"),
        (r"$E=mc^2$", "E=mc^2"),
        (r"\textit{E. coli} at \$5", "E. coli at $5"),
        ("x" * 900, "x" * 300),
    ],
)
def test_the_title_is_searched_without_formulas(title, words):
    assert searchable_title(title) == words
