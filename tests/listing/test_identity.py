"""Which entries are the same paper."""

import pytest

from papers.listing.identity import MAX_KEY_LENGTH, find_arxiv_id, find_doi, identity_key, title_key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2510.14528", "2510.14528"),
        ("2510.14528v3", "2510.14528"),
        ("arXiv:2510.14528v2", "2510.14528"),
        (" 0704.0001 ", "0704.0001"),
        ("https://arxiv.org/abs/2510.14528v1", "2510.14528"),
        ("https://arxiv.org/pdf/2510.14528v1.pdf", "2510.14528"),
        ("https://huggingface.co/papers/2510.14528", "2510.14528"),
        ("hep-ph/9901234", "hep-ph/9901234"),
        ("hep-ph/9901234v2", "hep-ph/9901234"),
        ("arXiv:math.GT/0309136", "math/0309136"),
        ("http://arxiv.org/abs/cond-mat/0102536", "cond-mat/0102536"),
        ("https://doi.org/10.48550/arXiv.2510.14528", "2510.14528"),
        ("2599.14528", ""),
        ("12345678.12345", ""),
        ("version 2510.14528", ""),
        ("", ""),
    ],
)
def test_arxiv_ids_have_one_form(text, expected):
    assert find_arxiv_id(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1103/PhysRevD.76.013009", "10.1103/physrevd.76.013009"),
        ("https://doi.org/10.1103/PhysRevD.76.013009", "10.1103/physrevd.76.013009"),
        ("doi:10.1/x", ""),
        ("doi: 10.1000/182.", "10.1000/182"),
        ("https://doi.org/10.1002%2Fabc", "10.1002/abc"),
        ("10.1016/S0140(06)1", "10.1016/s0140(06)1"),
        ("no doi", ""),
    ],
)
def test_dois_have_one_form(text, expected):
    assert find_doi(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deep  Learning", "deep learning"),
        ("Large-Scale Models: A Study", "Large Scale Models, a study"),
        ("The “Best” Model", 'The "Best" Model'),
        ("ﬁne Tuning", "Fine tuning"),
        (r"A $2.5\times$ Faster Model", "A 2.5times Faster Model"),
        (r"Runs at $\sqrt{s}=13$ TeV", "Runs at s=13 TeV"),
        (r"\textbf{Bold} Claims", "Bold Claims"),
        (r"The Poincar\'e Map", "The Poincaré Map"),
        (r"Schr\"{o}dinger Operators", "Schrödinger operators"),
        (r"On $\mathcal{N}=4$ Theory", "On N=4 Theory"),
        ("STRASSE", "straße"),
    ],
)
def test_the_same_title_has_one_key(one, other):
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Part I", "Part II"),
        ("Model 1.5", "Model 15"),
        ("A Compiler for C", "A Compiler for C++"),
        ("注意力", "学习"),
        ("हिन्दी की", "हिन्दी का"),
        ("!", "?"),
        ("L^2 Bounds", "L^3 Bounds"),
    ],
)
def test_other_titles_have_other_keys(one, other):
    assert title_key(one) != title_key(other)


@pytest.mark.parametrize("title", ["!!!", "$$", "\\", "\u200b", "…", " ", "$\\$", "\ud800"])
def test_a_key_is_never_empty(title):
    assert title_key(title)


def test_the_strongest_key_is_taken():
    assert identity_key("T", "2510.14528v2", "10.1000/x") == "arxiv:2510.14528"
    assert identity_key("T", "", "10.48550/arXiv.2510.14528") == "arxiv:2510.14528"
    assert identity_key("T", "", "10.1000/X") == "doi:10.1000/x"
    assert identity_key("The T!") == "title:the t"


def test_a_long_title_has_a_bounded_key_of_its_own():
    long = "word " * 200
    assert len(identity_key(long)) <= MAX_KEY_LENGTH + len("title:")
    assert identity_key(long + "a") != identity_key(long + "b")
    assert identity_key(long + "a") == identity_key(long + "A")
