"""Where a title ends and its abstract begins: a small model, trained on real papers."""

from papers.listing.titles.split import explain_cuts, split

__all__ = ["explain_cuts", "split"]
