"""The element tree of a page, for tests that check or use its elements."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
VOID |= {"track", "wbr"}
INERT = {"head", "script", "style", "template", "datalist"}  # their content is never visible
# Elements that the next of their kind ends if their end tag is missing.
ENDS_ITSELF = {"option": {"option"}, "li": {"li"}, "td": {"td", "th"}, "th": {"td", "th"}}


class Element:
    """An element with ``tag``, ``attrs``, ``parent`` and ``children`` (elements and strings)."""

    def __init__(self, tag, attrs, parent=None):
        self.tag, self.attrs, self.parent, self.children = tag, attrs, parent, []

    def get(self, name, default=""):
        """The attribute ``name``; "" if it has no value."""
        return self.attrs.get(name, default) or ""

    def has(self, name):
        return name in self.attrs

    @property
    def classes(self):
        return set(self.get("class").split())

    @property
    def above(self):
        """The elements around this one, the nearest first."""
        return [self.parent, *self.parent.above] if self.parent else []

    def all(self, *tags):
        """The descendants with one of ``tags``, or all descendants, in document order."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    @property
    def is_hidden(self):
        """Whether it is neither visible nor usable without scripts."""
        return any(
            element.has("hidden")
            or element.tag in INERT
            or (element.tag == "dialog" and not element.has("open"))
            or (element.tag == "input" and element.get("type").lower() == "hidden")
            or "js-only" in element.classes
            for element in [self, *self.above]
        )

    @property
    def content(self):
        """Its text, with white space unchanged."""
        return "".join(
            child if isinstance(child, str) else child.content for child in self.children
        )

    @property
    def text(self):
        """Its text, as a screen reader reads it."""
        return " ".join(self._words(aloud=True).split())

    @property
    def visible_text(self):
        """Its visible text."""
        return " ".join(self._words(aloud=False).split())

    def _words(self, *, aloud):
        return "".join(
            child if isinstance(child, str) else child._words(aloud=aloud)
            for child in self.children
            if isinstance(child, str) or not child._is_silent(aloud)
        )

    def _is_silent(self, aloud):
        if self.has("hidden") or self.tag in INERT | {"select", "textarea"}:
            return True
        return self.get("aria-hidden") == "true" if aloud else "visually-hidden" in self.classes


class Tree(HTMLParser):
    """Parses well-formed HTML. A missing end tag affects only its own element."""

    def __init__(self, markup):
        super().__init__()
        self.root = self.here = Element("#document", {})
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        if self.here.tag in ENDS_ITSELF.get(tag, ()):
            self.here = self.here.parent
        element = Element(
            tag, dict(reversed(attrs)), self.here
        )  # the first of two equal attributes counts
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID and "svg" in {above.tag for above in self.here.above}:
            self.here = self.here.parent  # only in SVG does a slash end an element

    def handle_endtag(self, tag):
        if tag in {element.tag for element in [self.here, *self.here.above]}:
            while self.here.tag != tag:
                self.here = self.here.parent
            self.here = self.here.parent

    def handle_data(self, data):
        self.here.children.append(data)


def parse(markup):
    """The root `Element` of ``markup``, a string."""
    return Tree(markup).root
