"""One walk: a browser for each person, a picture of each step, and a stop at the first fault."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

PATIENCE = 10_000  # milliseconds, for what a page shows after a click
TALLEST = 5_000  # pixels of a picture: the outbox is far taller
# How a page shows that something is wrong, in the app and in the admin.
ERRORS = ":is(.error, .errorlist, .errornote, .note.bad, [role=alert], [aria-invalid=true]):visible"
ERROR_TEXTS = """(errors) => errors.map(
  (one) => one.labels ? `the field “${one.labels[0]?.innerText}” is marked` : one.innerText.trim()
).filter((text) => text)"""
# What htmx logs where it gives up a request for a newer one, or for the next page.
GIVEN_UP = ("htmx:afterRequest,", "htmx:sendAbort,")
# How wide the page is, if wider than its window, and what sticks out; a box that scrolls may.
TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const scrolls = (one) => /auto|scroll|hidden/.test(getComputedStyle(one).overflowX);
  const isInBox = ({ parentElement: box }) =>
    box && box !== document.body && (scrolls(box) || isInBox(box));
  const wide = [...document.body.querySelectorAll("*")].filter(
    (one) => one.getBoundingClientRect().right > page.clientWidth + 1 && !isInBox(one));
  const name = (one) => [one.localName, ...one.classList].join(".");
  return [`${page.scrollWidth} of ${page.clientWidth} px`, ...wide.slice(0, 5).map(name)];
}"""


class Stop(Exception):
    """What the walk stopped at, in one line or several."""


class Walker:
    """Opens browsers at one width and theme, and notes what goes wrong in any of them."""

    def __init__(
        self, browser: Browser, url: str, folder: Path, *, width: int, theme: str, javascript: bool
    ):
        self.browser, self.url, self.folder = browser, url, folder
        self.look = {
            "base_url": url,
            "viewport": {"width": width, "height": 900},
            "color_scheme": theme,
            "java_script_enabled": javascript,
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",  # the zone of the demo's group
        }
        self.people: dict[str, Page] = {}  # the pages of "organiser" and "member"
        self.steps = 0
        self.complaints: list[str] = []
        self.overflows: list[str] = []

    def open_browser(self, path: str) -> Page:
        """A page in a browser of its own, opened at ``path``: a path of the demo or a whole URL."""
        context = self.browser.new_context(**self.look)
        context.set_default_timeout(PATIENCE)
        context.on("response", self._note_status)
        context.on("request", self._note_outside)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.complaints.append(f"a script: {error.error}"))
        page = context.new_page()
        page.goto(path)
        return page

    def finish_step(self, name: str, seen: Locator) -> None:
        """Wait until ``seen`` is visible, then check its page and save a picture of it.

        Raises Stop if the page shows an error, or a request or a script has failed by now.
        """
        page = seen.page
        expect(seen.first).to_be_visible()
        page.wait_for_load_state("load")
        self.steps += 1
        picture = self.save_picture(page, name)
        print(f"  {self.steps:02} {name:<32} {page.url.removeprefix(self.url)}", flush=True)
        if wide := page.evaluate(TOO_WIDE):
            self.overflows.append(f"{self.steps:02} {name}: {', '.join(wide)}")
            print(f"     too wide: {', '.join(wide)}", flush=True)
        errors = page.locator(ERRORS).evaluate_all(ERROR_TEXTS)
        if errors or self.complaints:
            errors = [f"an error in the page: {text}" for text in errors]
            raise Stop("\n".join([*self.complaints, *errors, f"picture: {picture}"]))

    def save_picture(self, page: Page, name: str) -> Path:
        """Save the whole page to a file named after the step; returns the file."""
        words = re.sub(r"\W+", "-", name.lower()).strip("-")
        path = self.folder / f"{self.steps:02}-{words}.png"
        height = page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"]}
        clip["height"] = min(height, TALLEST)
        page.screenshot(path=path, full_page=True, animations="disabled", clip=clip)
        return path

    def close_browsers(self) -> None:
        """Close the browsers of everybody who takes part."""
        for page in self.open_pages():
            page.context.close()

    def open_pages(self) -> list[Page]:
        """The pages of everybody who takes part."""
        return [page for context in self.browser.contexts for page in context.pages]

    def _note_status(self, response):
        if response.status >= 400:
            request = response.request
            self.complaints.append(f"{response.status} for {request.method} {response.url}")

    def _note_outside(self, request):
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"the page asked for {request.url}")

    def _note_console(self, message):
        if message.type == "error" and not message.text.startswith(GIVEN_UP):
            where = message.location["url"]
            self.complaints.append(f"the console: {message.text} ({where})")
