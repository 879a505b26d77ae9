"""Pages as a person uses them, without a browser: open, look, fill a form, press its button.

What is sent is what a browser without scripts sends for the form that is there, and with its token:
what is not on the page cannot be filled in, and what is on the page and unasked for is sent, too.
"""

from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from django.test import Client
from django.utils.datastructures import MultiValueDict

from tests.filling import BUTTONS, FIELDS, CannotDo, Form, kind_of
from tests.markup import parse

ERRORS = {"error", "errorlist", "errornote", "bad"}


class Browser:
    """One who goes through pages, signed in as ``user``; ``page`` is where they are."""

    def __init__(self, user=None):
        self.client, self.page = Client(enforce_csrf_checks=True), None
        if user:
            self.client.force_login(user)

    def open(self, address):
        """The `Page` at ``address``, or the one it leads to."""
        return self._arrive(address, self.client.get(urldefrag(address).url, follow=True))

    def send(self, address, pairs, method, *, with_files=False):
        """Send ``pairs``, (name, value), as a form is sent; returns the `Page` that follows."""
        if method == "get":
            sent = urlencode([(name, _plain(value)) for name, value in pairs])
            return self.open(urlsplit(address)._replace(query=sent, fragment="").geturl())
        if with_files:
            data = MultiValueDict()
            for name, value in pairs:
                data.appendlist(name, value)
            how = {"data": dict(data.lists())}
        else:
            body = urlencode([(name, _plain(value)) for name, value in pairs])
            how = {"data": body, "content_type": "application/x-www-form-urlencoded"}
        address = urldefrag(address).url
        response = self.client.post(address, follow=True, **how)
        return self._arrive(address, response)

    def _arrive(self, address, response):
        for hop, _ in getattr(response, "redirect_chain", []):
            address = urljoin(address, hop)
        self.page = Page(self, address, response)
        return self.page


class Page:
    """What one sees at ``address``; ``response`` is Django's."""

    def __init__(self, browser, address, response):
        self.browser, self.address, self.response = browser, address, response
        self.status = response.status_code
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        self.root = parse(response.text if is_html else "")

    def form(self, button):
        """The `Form` that ``button`` sends: its visible text or accessible name, whole."""
        buttons = [one for one in self.root.all("button", "input") if kind_of(one) in BUTTONS]
        usable = [one for one in buttons if not one.is_hidden]
        found = [one for one in usable if button in self.names(one)]
        if len(found) != 1:
            there = ", ".join(repr(self.names(one)[0]) for one in usable)
            raise CannotDo(f"{len(found)} buttons {button!r}; there are {there or 'none'}")
        return Form(self, found[0])

    def errors(self):
        """What the page says is wrong: the words of its visible error messages."""
        return [one.text for one in self.root.all() if _is_error(one) and one.text] + [
            f"marked as wrong: {self.names(one)[0]}"
            for one in self.root.all(*FIELDS)
            if one.get("aria-invalid") == "true" and not one.is_hidden
        ]

    def names(self, element):
        """What one may call ``element``: its accessible name first, then what is visible."""
        if element.has("aria-label"):
            said = [element.get("aria-label")]
        elif element.has("aria-labelledby"):
            ids = element.get("aria-labelledby").split()
            said = [" ".join(one.text for one in self.root.all() if one.get("id") in ids)]
        else:
            said = []
        sources = self._labels(element) + ([element] if element.tag == "button" else [])
        said += [text for one in sources for text in (one.text, one.visible_text)]
        if kind_of(element) in BUTTONS and element.tag == "input":
            said.append(element.get("value", "Submit"))
        return [text.strip().removesuffix(":") for text in said] or [element.get("name")]

    def _labels(self, element):
        pk = element.get("id")
        named = [one for one in self.root.all("label") if pk and one.get("for") == pk]
        return named + [one for one in element.above if one.tag == "label"]


def _is_error(element):
    is_one = element.get("role") == "alert" or bool(ERRORS & element.classes)
    return is_one and not element.is_hidden and not any(_is_error(one) for one in element.above)


def _plain(value):
    """A file is its name in a form that is not made for files."""
    return getattr(value, "name", value)
