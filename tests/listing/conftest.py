"""Shared fixtures of the listing tests."""

from collections.abc import Callable, Iterable

import pytest

from papers.listing import bodies
from papers.listing.titles.split import Cut
from tests.listing.rendering import Paper


def _splitter(papers: Iterable[Paper]) -> Callable[..., Cut]:
    known = {f"{paper.title} {paper.abstract}": paper for paper in papers}

    def split(text: str, candidates: object = None) -> Cut:
        paper = known.get(text)
        if paper is None:
            return Cut(text[:1], text[1:], 0.1)
        return Cut(paper.title, paper.abstract, 0.75)

    return split


@pytest.fixture
def knowing_titles(monkeypatch):
    """A function that makes the title splitter know the given papers, at confidence 0.75."""

    def know(papers: Iterable[Paper]) -> None:
        monkeypatch.setattr(bodies.titles, "split", _splitter(papers))

    return know
