"""The keys by which an entry or a paper is known again."""

from hashlib import blake2b

from papers.listing.identity import identity_key


def set_keys(row):
    """Give ``row``, an entry or a paper, the keys that follow from its text and ids."""
    row.identity = identity_key(row.title, arxiv_id=row.arxiv_id, doi=row.doi)
    row.title_key = identity_key(row.title).removeprefix("title:")  # of bounded length
    row.body_key = body_key(row.title, row.abstract)


def body_key(title, abstract):
    """A key of title and abstract together: the same wherever one is cut from the other.

    So a paper whose title was corrected by hand is known again in the next listing.
    """
    text = "".join(f"{title}{abstract}".split()).casefold()
    return blake2b(text.encode(), digest_size=16).hexdigest()
