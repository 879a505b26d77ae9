"""Who comes to a meeting, and who presents."""


def context(request, discussion, items):
    """What the page of ``discussion``, with the ``items`` of its agenda, shows of it."""
    return {}
