"""What came of a meeting."""


def context(request, discussion, items):
    """What the page of ``discussion``, with the ``items`` of its agenda, shows of it."""
    return {}
