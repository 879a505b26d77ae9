"""A form of a page, filled as a person fills it, and what a browser then sends."""

import re
from urllib.parse import urljoin

FIELDS = ("input", "select", "textarea", "button")
BUTTONS = {"submit", "image", "button", "reset"}
TYPED = {"", "text", "search", "email", "url", "tel", "password", "textarea"}
# A browser shows nothing for a value of another form, and lets nobody type one.
FORMS = {
    "date": r"\d{4,}-\d\d-\d\d",
    "time": r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?",
    "datetime-local": r"\d{4,}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?",
    "month": r"\d{4,}-\d\d",
    "number": r"-?\d*\.?\d+([eE][-+]?\d+)?",
}


class CannotDo(AssertionError):
    """What no person could do on this page."""


class Form:
    """A form and the button that sends it. Fields are called by their name or by their label."""

    def __init__(self, page, button):
        self.page, self.button = page, button
        self.element = self._owner(button)
        if self.element is None or kind_of(button) not in ("submit", "image"):
            raise CannotDo(f"the button {page.names(button)[0]!r} sends nothing")
        if _is_disabled(button):
            raise CannotDo(f"the button {page.names(button)[0]!r} is disabled")
        self.files = {}

    def value(self, field):
        """What ``field`` holds: a text; of a choice the list of what is chosen."""
        found = self._called(field)
        if kind_of(found[0]) in ("checkbox", "radio"):
            return [value for one in found for value in self._values(one)]
        values = self._values(found[0])
        return values if found[0].tag == "select" and found[0].has("multiple") else values[0]

    def fill(self, field, text):
        """Type ``text`` into ``field``, in place of what is there."""
        found, text = self._usable(field, TYPED | FORMS.keys()), str(text)
        form = FORMS.get(kind_of(found))
        if form and text and not re.fullmatch(form, text):
            raise CannotDo(f"{text!r} cannot be typed into {field!r}, a {kind_of(found)}")
        if found.has("maxlength") and len(text) > int(found.get("maxlength")):
            raise CannotDo(f"{field!r} takes {found.get('maxlength')} characters")
        found.children = [text]
        found.attrs["value"] = text

    def attach(self, field, *files):
        """Choose ``files``, open ones that have a name."""
        self.files[id(self._usable(field, {"file"}))] = files

    def choose(self, field, *options):
        """Choose ``options``, by value or label: of a select, or one of the radios of a name."""
        first = self._called(field)[0]
        if kind_of(first) == "radio":
            radios = [one for one in self._fields() if self._is_beside(one, first)]
            (option,) = options
            chosen = [r for r in radios if option in (r.get("value", "on"), *self.page.names(r))]
            self._one(chosen, option)
            self._set(radios, "checked", chosen)
            return
        select = self._usable(field, {"select"})
        there, chosen = list(select.all("option")), []
        for option in options:
            named = [one for one in there if option in (_option(one), one.text)]
            chosen.append(self._one(named, option))
        if len(chosen) != 1 and not select.has("multiple"):
            raise CannotDo(f"{field!r} takes one option")
        self._set(there, "selected", chosen)

    def tick(self, field, on=True):
        """Tick a checkbox, or take the tick away."""
        box = self._usable(field, {"checkbox"})
        self._set([box], "checked", [box] if on else [])

    def submit(self):
        """Press the button; returns the `Page` that follows."""
        checks = not self.element.has("novalidate") and not self.button.has("formnovalidate")
        for one in self._fields() if checks else ():
            if one.has("required") and not _is_disabled(one) and not self._is_filled(one):
                raise CannotDo(f"{self.page.names(one)[0]!r} is required, and empty")
        method = self._said("method", "get").lower()
        if method not in ("get", "post"):
            raise CannotDo(f"a form with the method {method} is not sent")
        address = urljoin(self.page.address, self._said("action", "") or self.page.address)
        return self.page.browser.send(address, self.pairs(), method, with_files=self.takes_files)

    @property
    def takes_files(self):
        return self._said("enctype", "").lower() == "multipart/form-data"

    def pairs(self):
        """(name, value) of all that is sent, in the order of the document."""
        return [
            (one.get("name"), value)
            for one in self._fields(with_button=True)
            if one.get("name") and not _is_disabled(one)
            for value in self._values(one)
        ]

    def _said(self, name, default):
        """What the button says of ``name``, or else the form."""
        return self.button.get(f"form{name}") or self.element.get(name) or default

    def _owner(self, control):
        forms = list(self.page.root.all("form"))
        if control.has("form"):
            return next((one for one in forms if one.get("id") == control.get("form")), None)
        return next((one for one in control.above if one.tag == "form"), None)

    def _fields(self, with_button=False):
        return [
            one
            for one in self.page.root.all(*FIELDS)
            if self._owner(one) is self.element
            and not any(above.tag in ("template", "datalist") for above in one.above)
            and (kind_of(one) not in BUTTONS or (with_button and one is self.button))
        ]

    def _called(self, field):
        """The fields of that name, or else of that label: at least one."""
        fields = self._fields()
        found = [one for one in fields if one.get("name") == field]
        found = found or [one for one in fields if field in self.page.names(one)]
        if not found:
            there = ", ".join(sorted({repr(one.get("name")) for one in fields}))
            raise CannotDo(f"no field {field!r} in this form; there are {there or 'none'}")
        return found

    def _usable(self, field, kinds):
        found = self._one(self._called(field), field)
        if kind_of(found) not in kinds:
            raise CannotDo(f"{field!r} is a {kind_of(found) or 'text'}")
        return found

    def _one(self, found, name):
        """The one of ``found`` that a person can use."""
        if len(found) != 1:
            raise CannotDo(f"{len(found)} are called {name!r}")
        for state in ("hidden", "disabled", "readonly"):
            is_so = {"hidden": found[0].is_hidden, "disabled": _is_disabled(found[0])}
            if is_so.get(state, found[0].has(state)):
                raise CannotDo(f"{name!r} is {state}")
        return found[0]

    def _is_beside(self, one, radio):
        return kind_of(one) == "radio" and one.get("name") == radio.get("name")

    def _set(self, there, attribute, chosen):
        for one in there:
            one.attrs.pop(attribute, None)
            if any(one is other for other in chosen):
                one.attrs[attribute] = ""

    def _is_filled(self, one):
        if kind_of(one) == "radio":
            return any(
                other.has("checked") for other in self._fields() if self._is_beside(other, one)
            )
        return any(getattr(value, "name", value) for value in self._values(one))

    def _values(self, one):
        """What ``one`` sends: nothing, a value, or several."""
        kind = kind_of(one)
        if kind in ("checkbox", "radio"):
            return [one.get("value", "on")] if one.has("checked") else []
        if kind == "select":
            return [_option(option) for option in _selected(one)]
        if kind == "file":
            return self.files.get(id(one)) or ([] if self.takes_files else [""])
        text = one.content.removeprefix("\n") if kind == "textarea" else one.get("value")
        if kind in FORMS and not re.fullmatch(FORMS[kind], text):
            return [""]
        return [re.sub(r"\r\n|\r|\n", "\r\n", text)]


def kind_of(element):
    """The type of a field or of a button; the tag of what has no types."""
    if element.tag == "button":
        return element.get("type").lower() or "submit"
    return element.get("type").lower() if element.tag == "input" else element.tag


def _is_disabled(element):
    sets = [one for one in element.above if one.tag in ("fieldset", "optgroup", "select")]
    return any(one.has("disabled") for one in [element, *sets])


def _option(option):
    return option.get("value") if option.has("value") else option.text


def _selected(select):
    usable = [one for one in select.all("option") if not _is_disabled(one)]
    chosen = [one for one in usable if one.has("selected")]
    if select.has("multiple"):
        return chosen
    # Of several the last; of none the first, as a list of one line always shows one.
    return chosen[-1:] or (usable[:1] if select.get("size", "1") in ("", "1") else [])
