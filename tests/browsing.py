"""A browser without scripts for tests: opens a page, fills in its form, presses its button.

It sends what a real browser would send for the form on the page, with its CSRF token. A test cannot
fill in a field that is not on the page, and fields that it leaves alone are sent too.
"""

from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from django.test import Client
from django.utils.datastructures import MultiValueDict

from tests.filling import BUTTONS, FIELDS, CannotDo, Form, kind_of
from tests.markup import parse

ERRORS = {"error", "errorlist", "errornote", "bad"}


class Browser:
    """Goes from page to page, signed in as ``user``; ``page`` is the current one."""

    def __init__(self, user=None):
        self.client, self.page = Client(enforce_csrf_checks=True), None
        if user:
            self.client.force_login(user)

    def open(self, address):
        """Open ``address``, follow redirects, and return the `Page`."""
        return self._arrive(address, self.client.get(urldefrag(address).url, follow=True))

    def send(self, address, pairs, method, *, with_files=False):
        """Submit a form with ``pairs`` of (name, value), and return the `Page` that follows."""
        if method == "get":
            query = urlencode([(name, _plain(value)) for name, value in pairs])
            return self.open(urlsplit(address)._replace(query=query, fragment="").geturl())
        if with_files:
            data = MultiValueDict()
            for name, value in pairs:
                data.appendlist(name, value)
            arguments = {"data": dict(data.lists())}
        else:
            body = urlencode([(name, _plain(value)) for name, value in pairs])
            arguments = {"data": body, "content_type": "application/x-www-form-urlencoded"}
        address = urldefrag(address).url
        response = self.client.post(address, follow=True, **arguments)
        return self._arrive(address, response)

    def _arrive(self, address, response):
        for hop, _ in getattr(response, "redirect_chain", []):
            address = urljoin(address, hop)
        self.page = Page(self, address, response)
        return self.page


class Page:
    """The page at ``address``; ``response`` is the one of Django's test client."""

    def __init__(self, browser, address, response):
        self.browser, self.address, self.response = browser, address, response
        self.status = response.status_code
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        self.root = parse(response.text if is_html else "")

    def form(self, button):
        """The `Form` that ``button`` submits, named by its full visible text or accessible name."""
        controls = self.root.all("button", "input")
        usable = [each for each in controls if kind_of(each) in BUTTONS and not each.is_hidden]
        matches = [each for each in usable if button in self.names(each)]
        if len(matches) != 1:
            known = ", ".join(repr(self.names(each)[0]) for each in usable)
            raise CannotDo(f"{len(matches)} buttons {button!r}; there are {known or 'none'}")
        return Form(self, matches[0])

    def errors(self):
        """The visible error messages, and the fields that are marked as invalid."""
        elements = self.root.all()
        return [element.text for element in elements if _is_error(element) and element.text] + [
            f"marked as wrong: {self.names(field)[0]}"
            for field in self.root.all(*FIELDS)
            if field.get("aria-invalid") == "true" and not field.is_hidden
        ]

    def names(self, element):
        """The names of ``element``: its accessible name first, then its visible text."""
        if element.has("aria-label"):
            names = [element.get("aria-label")]
        elif element.has("aria-labelledby"):
            ids = element.get("aria-labelledby").split()
            labels = [label.text for label in self.root.all() if label.get("id") in ids]
            names = [" ".join(labels)]
        else:
            names = []
        sources = self._labels(element) + ([element] if element.tag == "button" else [])
        names += [text for each in sources for text in (each.text, each.visible_text)]
        if kind_of(element) in BUTTONS and element.tag == "input":
            names.append(element.get("value", "Submit"))
        return [text.strip().removesuffix(":") for text in names] or [element.get("name")]

    def _labels(self, element):
        pk = element.get("id")
        named = [label for label in self.root.all("label") if pk and label.get("for") == pk]
        return named + [above for above in element.above if above.tag == "label"]


def _is_error(element):
    is_marked = element.get("role") == "alert" or bool(ERRORS & element.classes)
    return is_marked and not (element.is_hidden or any(map(_is_error, element.above)))


def _plain(value):
    """The name of a file, which is all that a form without file upload sends; else ``value``."""
    return getattr(value, "name", value)
