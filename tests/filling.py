"""A form that a test fills in like a person, and the data that a browser would send."""

import re
from urllib.parse import urljoin

FIELDS = ("input", "select", "textarea", "button")
BUTTONS = {"submit", "image", "button", "reset"}
TYPED = {"", "text", "search", "email", "url", "tel", "password", "textarea"}
# A browser ignores a value of another format, and does not let anyone type one.
FORMATS = {
    "date": r"\d{4,}-\d\d-\d\d",
    "time": r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?",
    "datetime-local": r"\d{4,}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?",
    "month": r"\d{4,}-\d\d",
    "number": r"-?\d*\.?\d+([eE][-+]?\d+)?",
}


class CannotDo(AssertionError):
    """The test tries something that a person could not do on this page."""


class Form:
    """A form and the button that submits it. Fields are given by name or by label."""

    def __init__(self, page, button):
        self.page, self.button = page, button
        self.element = self._owner(button)
        if self.element is None or kind_of(button) not in ("submit", "image"):
            raise CannotDo(f"the button {page.names(button)[0]!r} sends nothing")
        if _is_disabled(button):
            raise CannotDo(f"the button {page.names(button)[0]!r} is disabled")
        self.files = {}

    def value(self, field):
        """The value of ``field``; for checkboxes, radios and multiple selects, a list of values."""
        found = self._fields_named(field)
        if kind_of(found[0]) in ("checkbox", "radio"):
            return [value for control in found for value in self._values(control)]
        values = self._values(found[0])
        return values if found[0].tag == "select" and found[0].has("multiple") else values[0]

    def fill(self, field, text):
        """Replace the content of ``field`` with ``text``."""
        found, text = self._usable(field, TYPED | FORMATS.keys()), str(text)
        pattern = FORMATS.get(kind_of(found))
        if pattern and text and not re.fullmatch(pattern, text):
            raise CannotDo(f"{text!r} cannot be typed into {field!r}, a {kind_of(found)}")
        if found.has("maxlength") and len(text) > int(found.get("maxlength")):
            raise CannotDo(f"{field!r} takes {found.get('maxlength')} characters")
        found.children = [text]
        found.attrs["value"] = text

    def attach(self, field, *files):
        """Choose ``files``, open files with a name, in the file input ``field``."""
        self.files[id(self._usable(field, {"file"}))] = files

    def choose(self, field, *options):
        """Choose ``options``, by value or label, of a select or of a group of radio buttons."""
        first = self._fields_named(field)[0]
        if kind_of(first) == "radio":
            radios = [control for control in self._fields() if self._is_beside(control, first)]
            (option,) = options
            chosen = [r for r in radios if option in (r.get("value", "on"), *self.page.names(r))]
            self._only(chosen, option)
            self._set_attribute(radios, "checked", chosen)
            return
        select = self._usable(field, {"select"})
        all_options, chosen = list(select.all("option")), []
        for option in options:
            named = [each for each in all_options if option in (_option_value(each), each.text)]
            chosen.append(self._only(named, option))
        if len(chosen) != 1 and not select.has("multiple"):
            raise CannotDo(f"{field!r} takes one option")
        self._set_attribute(all_options, "selected", chosen)

    def tick(self, field, on=True):
        """Tick or untick a checkbox."""
        box = self._usable(field, {"checkbox"})
        self._set_attribute([box], "checked", [box] if on else [])

    def submit(self):
        """Press the button, and return the `Page` that follows."""
        checks = not self.element.has("novalidate") and not self.button.has("formnovalidate")
        for control in self._fields() if checks else ():
            if (
                control.has("required")
                and not _is_disabled(control)
                and not self._is_filled(control)
            ):
                raise CannotDo(f"{self.page.names(control)[0]!r} is required, and empty")
        method = self._attribute("method", "get").lower()
        if method not in ("get", "post"):
            raise CannotDo(f"a form with the method {method} is not sent")
        address = urljoin(self.page.address, self._attribute("action", "") or self.page.address)
        return self.page.browser.send(address, self.pairs(), method, with_files=self.takes_files)

    @property
    def takes_files(self):
        return self._attribute("enctype", "").lower() == "multipart/form-data"

    def pairs(self):
        """The data that is sent, as (name, value) in document order."""
        return [
            (control.get("name"), value)
            for control in self._fields(with_button=True)
            if control.get("name") and not _is_disabled(control)
            for value in self._values(control)
        ]

    def _attribute(self, name, default):
        """The attribute ``name`` of the button, or else of the form."""
        return self.button.get(f"form{name}") or self.element.get(name) or default

    def _owner(self, control):
        forms = list(self.page.root.all("form"))
        if control.has("form"):
            return next((form for form in forms if form.get("id") == control.get("form")), None)
        return next((above for above in control.above if above.tag == "form"), None)

    def _fields(self, with_button=False):
        return [
            control
            for control in self.page.root.all(*FIELDS)
            if self._owner(control) is self.element
            and not any(above.tag in ("template", "datalist") for above in control.above)
            and (kind_of(control) not in BUTTONS or (with_button and control is self.button))
        ]

    def _fields_named(self, field):
        """The fields named ``field``, or else labelled so. Raises CannotDo if there are none."""
        fields = self._fields()
        found = [control for control in fields if control.get("name") == field]
        found = found or [control for control in fields if field in self.page.names(control)]
        if not found:
            known = ", ".join(sorted({repr(control.get("name")) for control in fields}))
            raise CannotDo(f"no field {field!r} in this form; there are {known or 'none'}")
        return found

    def _usable(self, field, kinds):
        found = self._only(self._fields_named(field), field)
        if kind_of(found) not in kinds:
            raise CannotDo(f"{field!r} is a {kind_of(found) or 'text'}")
        return found

    def _only(self, found, name):
        """The only element of ``found``. Raises CannotDo unless it is one that a person can use."""
        if len(found) != 1:
            raise CannotDo(f"{len(found)} are called {name!r}")
        (control,) = found
        states = {"hidden": control.is_hidden, "disabled": _is_disabled(control)}
        for state, applies in (states | {"readonly": control.has("readonly")}).items():
            if applies:
                raise CannotDo(f"{name!r} is {state}")
        return control

    def _is_beside(self, control, radio):
        return kind_of(control) == "radio" and control.get("name") == radio.get("name")

    def _set_attribute(self, controls, attribute, chosen):
        for control in controls:
            control.attrs.pop(attribute, None)
            if any(control is other for other in chosen):
                control.attrs[attribute] = ""

    def _is_filled(self, control):
        if kind_of(control) == "radio":
            return any(
                other.has("checked") for other in self._fields() if self._is_beside(other, control)
            )
        return any(getattr(value, "name", value) for value in self._values(control))

    def _values(self, control):
        """The values that ``control`` sends: none, one or several."""
        kind = kind_of(control)
        if kind in ("checkbox", "radio"):
            return [control.get("value", "on")] if control.has("checked") else []
        if kind == "select":
            return [_option_value(option) for option in _selected_options(control)]
        if kind == "file":
            return self.files.get(id(control)) or ([] if self.takes_files else [""])
        text = control.content.removeprefix("\n") if kind == "textarea" else control.get("value")
        if kind in FORMATS and not re.fullmatch(FORMATS[kind], text):
            return [""]
        return [re.sub(r"\r\n|\r|\n", "\r\n", text)]


def kind_of(element):
    """The type of an input or a button; the tag of any other element."""
    if element.tag == "button":
        return element.get("type").lower() or "submit"
    return element.get("type").lower() if element.tag == "input" else element.tag


def _is_disabled(element):
    sets = [
        control for control in element.above if control.tag in ("fieldset", "optgroup", "select")
    ]
    return any(control.has("disabled") for control in [element, *sets])


def _option_value(option):
    return option.get("value") if option.has("value") else option.text


def _selected_options(select):
    usable = [option for option in select.all("option") if not _is_disabled(option)]
    chosen = [option for option in usable if option.has("selected")]
    if select.has("multiple"):
        return chosen
    # If several are selected, the last counts; if none, a one-line select shows the first.
    return chosen[-1:] or (usable[:1] if select.get("size", "1") in ("", "1") else [])
