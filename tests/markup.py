"""The tree of a page's elements, for tests that go by what a page holds."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
VOID |= {"track", "wbr"}
INERT = {"head", "script", "style", "template", "datalist"}  # nobody sees what is in them
# Ended by the next of their kind, where their own end is left out.
ENDS_ITSELF = {"option": {"option"}, "li": {"li"}, "td": {"td", "th"}, "th": {"td", "th"}}


class Element:
    """One element: its ``tag``, ``attrs``, ``parent``, and ``children``, elements and strings."""

    def __init__(self, tag, attrs, parent=None):
        self.tag, self.attrs, self.parent, self.children = tag, attrs, parent, []

    def get(self, name, default=""):
        """The attribute ``name``; "" where it stands there without a value."""
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
        """The elements within of these tags, or of any, in the order of the document."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    @property
    def is_hidden(self):
        """Whether nobody can see or use it, where no script runs."""
        return any(
            one.has("hidden")
            or one.tag in INERT
            or (one.tag == "dialog" and not one.has("open"))
            or (one.tag == "input" and one.get("type").lower() == "hidden")
            or "js-only" in one.classes
            for one in [self, *self.above]
        )

    @property
    def content(self):
        """Its text as it stands there."""
        return "".join(one if isinstance(one, str) else one.content for one in self.children)

    @property
    def text(self):
        """Its words, as a screen reader has them."""
        return " ".join(self._words(aloud=True).split())

    @property
    def visible_text(self):
        """Its words, as one sees them."""
        return " ".join(self._words(aloud=False).split())

    def _words(self, *, aloud):
        return "".join(
            one if isinstance(one, str) else one._words(aloud=aloud)
            for one in self.children
            if isinstance(one, str) or not one._is_silent(aloud)
        )

    def _is_silent(self, aloud):
        if self.has("hidden") or self.tag in INERT | {"select", "textarea"}:
            return True
        return self.get("aria-hidden") == "true" if aloud else "visually-hidden" in self.classes


class Tree(HTMLParser):
    """Parses well-formed HTML; an end that is missing costs no more than its own element."""

    def __init__(self, markup):
        super().__init__()
        self.root = self.here = Element("#document", {})
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        if self.here.tag in ENDS_ITSELF.get(tag, ()):
            self.here = self.here.parent
        element = Element(tag, dict(reversed(attrs)), self.here)  # of two alike the first counts
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID and "svg" in {one.tag for one in self.here.above}:
            self.here = self.here.parent  # only there a slash ends an element

    def handle_endtag(self, tag):
        if tag in {one.tag for one in [self.here, *self.here.above]}:
            while self.here.tag != tag:
                self.here = self.here.parent
            self.here = self.here.parent

    def handle_data(self, data):
        self.here.children.append(data)


def parse(markup):
    """The root `Element` of ``markup``, a string."""
    return Tree(markup).root
