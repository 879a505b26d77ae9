"""In which widths and colours axe sees a page: each width once, and both colours.

What axe finds depends on the width (what is shown, and where) or on the colours (contrast), hardly
ever on both. The test files take the two pairings in turn, so that what all pages share is seen in
each width in each of the colours.
"""

import pytest


def looks(*pairs):
    """Run a test for each (width, colours); it takes ``width`` and whether it is ``dark``."""
    return pytest.mark.parametrize(
        ("width", "dark"),
        [pytest.param(width, name == "dark", id=f"{width}-{name}") for width, name in pairs],
    )


in_both_widths = looks((390, "light"), (1280, "dark"))
in_both_widths_too = looks((390, "dark"), (1280, "light"))
in_all_widths = looks((320, "dark"), (390, "light"), (1280, "dark"))
in_all_widths_too = looks((320, "light"), (390, "dark"), (1280, "light"))
