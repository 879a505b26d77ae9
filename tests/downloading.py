"""Files downloaded through the links of a page."""

from urllib.parse import urljoin

from tests.browsing import Browser


def download(user, address, label):
    """The bytes of the file behind the link ``label`` on the page ``address``."""
    page = Browser(user).open(address)
    (link,) = (each for each in page.root.all("a") if each.text == label)
    response = page.browser.client.get(urljoin(page.address, link.get("href")))
    assert response["Content-Disposition"].startswith("attachment")
    return b"".join(response)
