"""The boundary between title and abstract, found by a small model trained on real papers."""

from papers.listing.titles.split import explain_cuts, split

__all__ = ["explain_cuts", "split"]
