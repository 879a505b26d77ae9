"""The Django admin: superusers run the installation, organisers their own groups."""

from papers.admin import groups, listings, papers

__all__ = ["groups", "listings", "papers"]
