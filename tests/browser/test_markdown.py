"""What hostile texts become, read by a real parser of HTML and with no policy to stop a script."""

import pytest

from papers.rendering import MATH_TAGS, render_markdown
from tests.hostile import HOSTILE
from tests.test_markdown import HTML

pytestmark = pytest.mark.browser

ELEMENTS = """() => [...document.querySelectorAll("main *")].map(
  element => [element.localName, ...element.getAttributeNames()])"""


def test_nothing_of_a_hostile_text_runs_or_is_asked_for(chromium):
    context, happened = chromium.new_context(), []
    page = context.new_page()
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: happened.append(request.url))
    page.on("pageerror", lambda error: happened.append(str(error)))
    texts = "".join(f"<section>{render_markdown(text, {'ada'})}</section>" for text in HOSTILE)
    page.set_content(f"<!doctype html><title>Comments</title><main>{texts}</main>")
    for element in page.locator("main a").all()[::40]:
        element.hover()

    assert page.locator("main > section").count() == len(HOSTILE)
    found = page.evaluate(ELEMENTS)
    assert {tag for tag, *_ in found} <= MATH_TAGS | HTML.keys() | {"section"}
    names = {name for _, *attributes in found for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"style", "id", "src"}
    schemes = page.evaluate("() => [...document.links].map(link => link.protocol)")
    assert set(schemes) <= {"http:", "https:", "mailto:"}
    assert len(schemes) > 100
    assert happened == []
    context.close()
