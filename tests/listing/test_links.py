"""Which addresses are those of one page, and which name the id of a paper."""

import pytest

from papers.listing.links import ids_in_address, link_key

PAGE = "https://example.org/papers/deep"


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/papers/deep",
        "HTTPS://WWW.Example.ORG/papers/deep",
        "https://example.org:443/papers/deep/",
        "http://example.org:80/papers/deep",
        "example.org/papers/deep",
        "https://example.org./papers/deep#section-2",
        "https://example.org/papers/deep.pdf#page=3",
        "https://example.org/papers/deep?utm_source=x&utm_medium=y&UTM_campaign=z",
        "https://example.org/papers/deep?fbclid=1&gclid=2&msclkid=3&ref=4&mc_cid=5&igshid=6",
        "https://example.org/papers/%64eep?",
    ],
)
def test_one_page_has_one_key(other):
    assert link_key(other) == link_key(PAGE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PAGE, "https://example.org/papers/deeper"),
        (PAGE, "https://example.org/papers/Deep"),
        (PAGE, "https://blog.example.org/papers/deep"),
        (PAGE, "https://example.org:8443/papers/deep"),
        (PAGE, "https://example.com/papers/deep"),
        ("http://example.org:443/a", "http://example.org/a"),
        ("https://openreview.net/forum?id=a1", "https://openreview.net/forum?id=b2"),
        ("https://youtube.com/watch?v=a1", "https://youtube.com/watch?v=b2"),
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/#/papers/1", "https://example.org/#/papers/2"),
        ("https://example.org/a%2Fb", "https://example.org/a%3Fb"),
        ("https://arxiv.org/abs/2401.12345", "https://arxiv.org/abs/2401.12346"),
        ("https://doi.org/10.1000/182", "https://doi.org/10.1000/183"),
    ],
)
def test_other_pages_have_other_keys(one, other):
    assert link_key(one) != link_key(other)


def test_the_order_of_parameters_does_not_matter():
    assert link_key("https://a.org/x?b=2&a=1&ref=z") == link_key("https://a.org/x?a=1&b=2")


def test_a_forum_and_its_pdf_are_of_one_paper():
    forum = link_key("https://openreview.net/forum?id=a1&noteId=x&referrer=%5BHome%5D")
    assert forum == link_key("https://openreview.net/pdf?id=a1")


@pytest.mark.parametrize("text", ["", "no address", "https://", "https://[::1", "http://a:b/"])
def test_what_is_no_address_has_no_key(text):
    assert link_key(text) == ""


@pytest.mark.parametrize(
    "text",
    ["2401.12345", "arXiv:2401.12345v2", "10.48550/arXiv.2401.12345", "arxiv.org/abs/2401.12345"]
    + [
        f"https://{address}"
        for address in (
            "arxiv.org/abs/2401.12345",
            "www.arxiv.org/pdf/2401.12345v3.pdf",
            "arxiv.org/pdf/2401.12345/",
            "arxiv.org/html/2401.12345v1#S2",
            "export.arxiv.org/abs/2401.12345?context=cs.LG",
            "arxiv.org/format/2401.12345",
            "ar5iv.labs.arxiv.org/html/2401.12345",
            "ar5iv.org/abs/2401.12345",
            "www.alphaxiv.org/abs/2401.12345v2",
            "alphaxiv.org/overview/2401.12345",
            "huggingface.co/papers/2401.12345?ref=x",
            "hf.co/papers/2401.12345",
            "doi.org/10.48550/arXiv.2401.12345",
            "dx.doi.org/10.48550/ARXIV.2401.12345",
        )
    ],
)
def test_addresses_of_one_preprint(text):
    assert ids_in_address(text) == ("2401.12345", "")


@pytest.mark.parametrize(
    "text",
    ["10.1145/3292500", "doi:10.1145/3292500", "doi.org/10.1145/3292500"]
    + [
        f"https://{address}"
        for address in (
            "doi.org/10.1145/3292500",
            "dx.doi.org/10.1145%2F3292500",
            "www.doi.org/10.1145/3292500/?utm_source=x#top",
            "dl.acm.org/doi/10.1145/3292500",
            "dl.acm.org/doi/pdf/10.1145/3292500",
            "dl.acm.org/doi/abs/10.1145/3292500.pdf",
            "link.springer.com/article/10.1145/3292500",
            "www.biorxiv.org/content/10.1145/3292500v2.full.pdf",
        )
    ],
)
def test_addresses_of_one_doi(text):
    assert ids_in_address(text) == ("", "10.1145/3292500")


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/papers/2401.12345",
        "https://example.org/arxiv/papers/2401.12345",
        "https://notarxiv.org/abs/2401.12345",
        "https://huggingface.co/datasets/2401.12345",
        "https://example.org/x?doi=none",
        "",
    ],
)
def test_other_addresses_name_no_id(text):
    assert ids_in_address(text) == ("", "")
