"""The thread of a paper in a browser: with scripts, without, by keyboard."""

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from papers.models import Comment, Membership, Vote
from papers.models.keys import set_keys
from papers.services import commenting, voting
from tests.browser.conftest import session_of
from tests.browser.looks import in_both_widths
from tests.factories import make_comment, make_group, make_paper, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT_A_COMMENT = re.compile(r"/papers/\d+/#c\d+$")
DRAFTS = "() => Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


@pytest.fixture
def said(paper, alice):
    """What Alice said."""
    return make_comment(paper=paper, user=alice, body="The bound is *off*.\n\nBy two.")


def row(page, comment):
    return page.locator(f"#c{comment.pk}")


def main_form(page):
    return page.locator(".discussion > form.writing")


def write(form, text, button):
    """Fill in the form, send it, and wait for the comment on the page."""
    form.locator("textarea").fill(text)
    form.get_by_role("button", name=button, exact=True).click()
    expect(form.page).to_have_url(AT_A_COMMENT)
    expect(form.page.locator(":target .prose")).to_be_visible()


def expect_drafts(page, number):
    page.wait_for_function(f"number => ({DRAFTS})() == number", arg=number)


def stays(page):
    """Mark the page; `expect_same` fails if another was loaded since."""
    page.evaluate("window.isSame = true")


def expect_same(page):
    assert page.evaluate("window.isSame") is True


def test_a_comment_is_there_and_pointed_out(open_page, bob, paper, said):
    page = open_page(bob, paper.get_absolute_url())
    write(main_form(page), "I *agree*.", "Comment")
    made = page.locator(":target")
    expect(made.locator("em")).to_have_text("agree")
    plain, target = (
        one.evaluate("row => getComputedStyle(row).backgroundColor")
        for one in (row(page, said), made)
    )
    assert plain != target
    assert page.evaluate("document.activeElement.matches(':target')")


def test_a_reply_and_a_quote_in_place(open_page, bob, paper, said):
    page = open_page(bob, paper.get_absolute_url())
    stays(page)
    row(page, said).get_by_role("link", name="Quote").click()
    field = row(page, said).locator("textarea")
    expect(field).to_be_focused()
    expect(field).to_have_value("> The bound is *off*.\n>\n> By two.\n\n")
    row(page, said).get_by_role("link", name="Cancel").click()
    expect(field).to_have_count(0)
    row(page, said).get_by_role("link", name="Reply").click()
    expect(field).to_have_value("")
    expect_same(page)
    write(row(page, said).locator("form"), "By three.", "Reply")
    expect(page.locator(":target")).to_have_class(re.compile("depth-1"))


def test_a_preview_in_place(open_page, bob, paper, said):
    page = open_page(bob, paper.get_absolute_url())
    stays(page)
    form = main_form(page)
    form.locator("textarea").fill("So $x^2$ @alice.")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator(".preview msup")).to_be_visible()
    expect(form.locator(".preview .mention")).to_have_text("@alice")
    form.locator("textarea").fill("x" * 10_001)
    expect(form.locator("[data-counter]")).to_have_text("1 characters too many")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator(".preview")).to_contain_text("10,000 is the limit")
    expect_same(page)
    assert Comment.objects.count() == 1


def test_a_comment_looks_as_in_its_preview(open_page, bob, paper):
    page = open_page(bob, paper.get_absolute_url())
    text = "- a\n  - b\n    - c\n\n1. d\n   - e\n\n> f\n\n| g |\n|-|\n| h |\n\n`i`\n\n# j"
    main_form(page).locator("textarea").fill(text)
    main_form(page).get_by_role("button", name="Preview").click()
    expect(main_form(page).locator(".preview ul").first).to_be_visible()
    looks = """prose => [...prose.querySelectorAll("*")].map(one => {
        const style = getComputedStyle(one);
        const mark = one.matches("ul, ol, li") ? style.listStyleType : "none";
        return [one.tagName, mark, style.fontSize, style.fontStyle, style.fontWeight,
                style.color, style.display, style.paddingLeft, style.marginTop].join(" ");
    })"""
    before = main_form(page).locator(".preview .prose").evaluate(looks)
    main_form(page).get_by_role("button", name="Comment", exact=True).click()
    expect(page).to_have_url(AT_A_COMMENT)
    assert page.locator(":target .prose").evaluate(looks) == before
    marks = [one.split()[1] for one in before if one.startswith(("UL", "OL"))]
    assert marks == ["disc", "circle", "square", "decimal", "disc"]


def test_an_edit_in_place_and_what_was_there_before(open_page, alice, paper, said):
    page = open_page(alice, paper.get_absolute_url())
    stays(page)
    mine = row(page, said)
    mine.get_by_role("link", name="Edit").click()
    expect(mine.locator("textarea")).to_have_value("The bound is *off*.\n\nBy two.")
    expect(mine.locator("> .prose")).to_be_hidden()
    mine.locator("textarea").fill("Given up")
    mine.get_by_role("link", name="Cancel").click()
    expect(mine.locator("> .prose")).to_be_visible()
    mine.get_by_role("link", name="Edit").click()
    expect(mine.locator("textarea")).to_have_value("The bound is *off*.\n\nBy two.")
    expect_same(page)
    write(mine.locator("form"), "The bound is right.", "Save")
    mine.get_by_role("link", name="edited").click()
    expect(page.get_by_role("heading", name="Earlier")).to_be_visible()
    expect(page.locator(".versions em")).to_have_text("off")


def test_delete_and_undo(open_page, alice, paper, said):
    page = open_page(alice, paper.get_absolute_url())
    row(page, said).get_by_role("button", name="Delete").click()
    expect(row(page, said)).to_contain_text("You deleted this comment.")
    row(page, said).get_by_role("button", name="Undo").click()
    expect(row(page, said).locator(".prose")).to_contain_text("By two.")


def test_an_organiser_removes_with_a_reason(open_page, alice, bob, paper):
    made = make_comment(paper=paper, user=bob, body="Buy my book")
    page = open_page(alice, paper.get_absolute_url())
    row(page, made).get_by_role("link", name="Remove").click()
    page.get_by_label("Reason").fill("Advertising")
    page.get_by_role("button", name="Remove").click()
    expect(row(page, made)).to_contain_text("You removed what Bob wrote: “Advertising”")


def test_asking_at_the_meeting_and_following(open_page, alice, paper, said):
    page = open_page(alice, paper.get_absolute_url())
    row(page, said).get_by_role("button", name="Ask at the meeting").click()
    expect(page.locator(".questions")).to_contain_text("The bound is off.")
    stays(page)
    page.get_by_role("button", name="Mute").click()
    expect(page.locator("#following")).to_contain_text("You have muted this paper")
    expect(page.get_by_role("button", name="Unmute")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#following")).to_contain_text("You follow this paper. New comments")
    expect_same(page)


@pytest.fixture
def crowd(group):
    for name in ("ada", "adele", "zoe"):
        Membership.objects.create(group=group, user=make_user(name))
    make_group("Elsewhere", members=[make_user("adam")])


def test_members_to_mention_are_chosen_by_keyboard(open_page, axe, bob, paper, crowd):
    page = open_page(bob, paper.get_absolute_url())
    field, options = main_form(page).locator("textarea"), main_form(page).get_by_role("option")
    field.press_sequentially("What do you think, @ad")
    expect(options).to_have_text(["Ada @ada", "Adele @adele"])
    typed = field.bounding_box()
    assert options.first.bounding_box()["y"] > typed["y"] + typed["height"]  # nothing is covered
    assert axe(page) == []
    field.press("ArrowDown")
    chosen = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-said]").first).to_have_text("Adele @adele, 2 of 2")
    field.press("Enter")
    expect(field).to_have_value("What do you think, @adele ")
    expect(options).to_have_count(0)
    field.press_sequentially("or @z")
    expect(options).to_have_text(["Zoe @zoe"])
    field.press("Escape")
    expect(options).to_have_count(0)
    field.press("Enter")
    expect(field).to_have_value("What do you think, @adele or @z\n")
    field.press_sequentially("bob@exam")
    field.press_sequentially(" @bo")
    expect(options).to_have_text(["Bob @bob"])
    options.click()
    expect(field).to_have_value("What do you think, @adele or @z\nbob@exam @bob ")
    expect(field).to_be_focused()


def test_a_draft_outlives_the_page_and_what_goes_wrong(open_page, bob, paper, said):
    page = open_page(bob, paper.get_absolute_url())
    field = main_form(page).locator("textarea")
    field.fill("Half a thought")
    row(page, said).get_by_role("link", name="Reply").click()
    answer = row(page, said).locator("textarea")
    answer.fill("Half an answer")
    expect_drafts(page, 2)
    page.reload()
    expect(field).to_have_value("Half a thought")
    row(page, said).get_by_role("link", name="Quote").click()
    expect(answer).to_have_value("Half an answer\n\n> The bound is *off*.\n>\n> By two.\n\n")
    row(page, said).get_by_role("link", name="Cancel").click()
    # Refused: it is kept, also where one goes away then.
    field.fill("x" * 10_001)
    main_form(page).get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("10,000 is the limit")).to_be_visible()
    page.goto(paper.get_absolute_url())
    expect(field).to_have_value("x" * 10_001)
    write(main_form(page), "A whole thought", "Comment")
    expect(field).to_have_value("")
    expect_drafts(page, 1)


def sign_out(page):
    page.locator(".top .menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")


def sign_in_here(page, user):
    """Sign ``user`` in, in the browser of ``page``."""
    page.context.add_cookies([session_of(user) | {"url": urljoin(page.url, "/")}])


def forget_session(page):
    page.context.clear_cookies(name=re.compile("sessionid"))


@pytest.fixture
def page_with_draft(open_page, bob, paper):
    """Bob's page of the paper, where he began to write a comment."""
    page = open_page(bob, paper.get_absolute_url())
    main_form(page).locator("textarea").fill("For me alone")
    expect_drafts(page, 1)
    return page


def test_a_draft_is_forgotten_at_sign_out(page_with_draft):
    page = page_with_draft
    sign_out(page)
    assert "For me alone" not in page.evaluate("JSON.stringify(localStorage)")
    page.go_back()
    page.wait_for_url("**/accounts/login/**")


def test_a_draft_is_forgotten_at_a_sign_out_in_another_tab(page_with_draft, bob, paper):
    other = page_with_draft.context.new_page()
    other.goto(paper.get_absolute_url())
    expect(main_form(other).locator("textarea")).to_have_value("For me alone")
    sign_out(other)
    main_form(page_with_draft).locator("textarea").press("End")
    main_form(page_with_draft).locator("textarea").press_sequentially(" and more")
    page_with_draft.wait_for_timeout(500)  # the time after which a draft is saved
    page_with_draft.reload()
    assert "For me alone" not in other.evaluate("JSON.stringify(localStorage)")


def test_a_draft_is_forgotten_when_somebody_else_signs_in(page_with_draft, alice, bob, paper):
    page = page_with_draft
    forget_session(page)
    sign_in_here(page, alice)
    page.goto(paper.get_absolute_url())
    expect(main_form(page).locator("textarea")).to_have_value("")
    expect_drafts(page, 0)
    sign_in_here(page, bob)
    page.goto(paper.get_absolute_url())
    expect(main_form(page).locator("textarea")).to_have_value("")


def test_a_draft_waits_some_minutes_when_a_session_ends_by_itself(page_with_draft, bob, paper):
    page = page_with_draft
    forget_session(page)
    page.goto(paper.get_absolute_url())
    page.wait_for_url("**/accounts/login/**")
    sign_in_here(page, bob)
    page.goto(paper.get_absolute_url())
    expect(main_form(page).locator("textarea")).to_have_value("For me alone")
    forget_session(page)
    page.evaluate("localStorage.setItem('draft-at', Date.now() - 11 * 60 * 1000)")
    page.goto(paper.get_absolute_url())
    page.wait_for_url("**/accounts/login/**")
    expect_drafts(page, 0)


def test_a_draft_is_forgotten_with_its_account(open_page, bob, paper):
    page = open_page(bob, paper.get_absolute_url(), by_password=True)
    page.goto(paper.get_absolute_url())
    main_form(page).locator("textarea").fill("For me alone")
    expect_drafts(page, 1)
    page.goto("/me/delete/")
    page.get_by_label("Your e-mail address").fill(bob.email)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    expect_drafts(page, 0)


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter"])
def test_a_comment_is_sent_by_keyboard(open_page, bob, paper, said, keys):
    page = open_page(bob, paper.get_absolute_url())
    expect(main_form(page)).to_contain_text("Ctrl Enter")
    field = main_form(page).locator("textarea")
    field.press(keys)
    expect(page).to_have_url(re.compile(r"/papers/\d+/$"))  # nothing to send
    field.fill("I *agree*.")
    field.press(keys)
    expect(page).to_have_url(AT_A_COMMENT)
    row(page, said).get_by_role("link", name="Reply").click()
    answer = row(page, said).locator("textarea")
    answer.fill("By three.")
    answer.press(keys)
    expect(page.locator(":target")).to_have_class(re.compile("depth-1"))
    assert Comment.objects.count() == 3


def test_without_storage_there_are_no_drafts_and_all_else_works(open_page, bob, paper, said):
    page = open_page(bob, paper.get_absolute_url())
    for name in ("localStorage", "sessionStorage"):
        page.add_init_script(
            f"Object.defineProperty(window, '{name}', {{get() {{ throw new Error('none'); }}}})"
        )
    page.goto(paper.get_absolute_url())
    row(page, said).get_by_role("link", name="Reply").click()
    write(row(page, said).locator("form"), "By three.", "Reply")


def test_signed_out_meanwhile(open_page, bob, paper, said):
    page = open_page(bob, paper.get_absolute_url())
    main_form(page).locator("textarea").fill("Do not lose this")
    expect_drafts(page, 1)
    page.context.clear_cookies(name=re.compile("sessionid"))
    main_form(page).get_by_role("button", name="Preview").click()
    page.wait_for_url("**/accounts/login/**")


def test_without_scripts(open_page, alice, paper, bob):
    made = make_comment(paper=paper, user=bob, body="The bound is *off*.")
    page = open_page(bob, paper.get_absolute_url(), javascript=False)
    row(page, made).get_by_role("link", name="Quote").click()
    form = row(page, made).locator("form")
    expect(form.locator("textarea")).to_have_value("> The bound is *off*.\n\n")
    form.locator("textarea").fill("By *three*.")
    form.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview em")).to_have_text("three")
    write(page.locator("form.writing"), "By *four*.", "Reply")
    reply = page.locator(":target")
    expect(reply).to_have_class(re.compile("depth-1"))
    reply.get_by_role("link", name="Edit").click()
    form = page.locator("form.writing")
    form.locator("textarea").fill("By *five*.")
    form.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview em")).to_have_text("five")
    write(page.locator("form.writing"), "By *six*.", "Save")
    reply.get_by_role("link", name="edited").click()
    expect(page.locator(".versions em")).to_have_text("four")
    page.go_back()
    reply.get_by_role("button", name="Ask at the meeting").click()
    expect(page.locator(".questions")).to_contain_text("By six.")
    reply.get_by_role("button", name="Delete").click()
    expect(reply).to_contain_text("You deleted this comment.")
    reply.get_by_role("button", name="Undo").click()
    expect(reply.locator("em")).to_have_text("six")
    page.get_by_role("button", name="Mute").click()
    expect(page.locator("#following")).to_contain_text("You have muted this paper")


@pytest.fixture
def lively(paper, alice, bob):
    """A thread with all there can be in one."""
    Vote.objects.create(paper=paper, user=alice)
    wide = f"{'w' * 200} $${'x + ' * 60}1$$\n\n{'| a ' * 30}|\n{'|---' * 30}|\n{'| b ' * 30}|\n\n"
    said = [make_comment(paper=paper, user=bob, body=wide, is_question=True)]
    for number in range(4):
        author = (alice, bob)[number % 2]
        parent = said[-1] if number < 3 else said[0]
        body = f"> Quoted\n\n- `code`\n- [link](https://example.org)\n\n```\n{'y' * 200}\n```"
        said.append(make_comment(paper=paper, user=author, body=body, parent=parent))
    commenting.edit_comment(comment=said[1], by=said[1].user, body="@bob Edited", is_question=False)
    commenting.remove_comment(comment=said[2], by=alice, reason="R" * 200)
    return said


@in_both_widths
def test_axe_finds_nothing(open_page, axe, alice, paper, lively, width, dark):
    page = open_page(alice, f"{paper.get_absolute_url()}#c{lively[0].pk}", width=width, dark=dark)
    row(page, lively[0]).get_by_role("link", name="Reply").click()
    expect(row(page, lively[0]).locator("textarea")).to_be_focused()
    main_form(page).locator("textarea").fill("**Bold**")
    main_form(page).get_by_role("button", name="Preview").click()
    expect(page.locator(".preview strong")).to_be_visible()
    assert axe(page) == []
    for what, of in (("edit", 1), ("history", 1), ("remove", 0)):
        page.goto(f"/curious-minds/comments/{lively[of].pk}/{what}/")
        assert axe(page) == [], what
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_label("Reason")).to_be_visible()
    page.goto(f"{paper.get_absolute_url()}?reply={lively[0].pk}")
    page.evaluate("document.querySelectorAll('textarea').forEach(field => field.required = false)")
    row(page, lively[0]).get_by_role("button", name="Reply").click()
    expect(page.locator("[aria-invalid=true]")).to_be_focused()
    assert axe(page) == []


def test_nothing_scrolls_sideways_on_a_small_phone(open_page, alice, paper, lively):
    page = open_page(alice, f"{paper.get_absolute_url()}?quote={lively[-1].pk}", width=320)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    for what, of in (("edit", 1), ("history", 1), ("remove", 0)):
        page.goto(f"/curious-minds/comments/{lively[of].pk}/{what}/")
        assert page.evaluate(wide) == 0, what


ATTACKS = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg/onload=window.pwned=1>",
    "<svg><script>window.pwned = 1</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror='window.pwned = 1'>",
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    "<details open ontoggle=window.pwned=1>",
    "<a href='javascript:window.pwned=1'>x</a>",
    "[x](javascript:window.pwned=1)",
    "[x](JaVaScRiPt&colon;window.pwned=1)",
    "[x](java\tscript:window.pwned=1)",
    "[x](data:text/html,<script>window.pwned=1</script>)",
    "![x](https://evil.example/x.png 'onerror=window.pwned=1')",
    '![x](https://evil.example/" onerror="window.pwned=1)',
    "[x]: javascript:window.pwned=1\n\n[x]",
    "<javascript:window.pwned=1>",
    r"$\href{javascript:window.pwned=1}{x}$ $\text{<img src=x onerror=window.pwned=1>}$",
    r"$</math><img src=x onerror=window.pwned=1>$",
    '```"onmouseover="window.pwned=1\nx\n```',
    '" autofocus onfocus=window.pwned=1 x="',
    "'-alert(1)-'{{ 7*7 }}{% debug %}",
    "</textarea><script>window.pwned = 1</script>",
    "</title><script>window.pwned = 1</script>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=csrfmiddlewaretoken>",
    "<div hx-get=https://evil.example hx-trigger=load data-hx-get=https://evil.example>x</div>",
    "@<img src=x onerror=window.pwned=1> @bob'\"><b>",
]


@pytest.mark.parametrize("where", ["text", "name", "reason", "title"])
def test_nothing_that_is_written_runs(open_page, alice, bob, group, where):
    """Neither where it is read, nor where it is quoted, changed, completed or previewed."""
    pages = []
    for attack in ATTACKS if where == "text" else ["".join(ATTACKS)]:
        paper = pages[-1][0] if pages and where == "text" else make_paper(group=group)
        if where == "title":
            paper.title, paper.abstract = attack[:900], attack
            set_keys(paper)
            paper.save()
        if where == "name":
            bob.name = attack[:100]
            bob.save()
        body = attack if where == "text" else "Plain"
        made = make_comment(paper=paper, user=alice, body=body, is_question=True)
        theirs = make_comment(paper=paper, user=bob, body=body, parent=made)
        if where == "reason":
            commenting.remove_comment(comment=theirs, by=alice, reason=attack[:200])
            make_comment(paper=paper, user=alice, parent=theirs)
        voting.set_vote(paper=paper, user=bob, stance="want")
        pages.append((paper, made))
    page = open_page(alice, pages[0][0].get_absolute_url())
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for paper, made in pages[:: 9 if where == "text" else 1]:
        row(page, made).get_by_role("link", name="Quote").click()
        expect(row(page, made).locator("textarea")).to_be_focused()
        row(page, made).get_by_role("button", name="Preview").click()
        expect(row(page, made).locator(".preview .prose")).to_be_attached()
        row(page, made).locator("textarea").press_sequentially("@")
        expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
        _expect_harmless(page)
        for what in ("edit", "remove", "history"):
            page.goto(f"/curious-minds/comments/{made.pk}/{what}/")
            _expect_harmless(page)
        page.goto(paper.get_absolute_url())
        _expect_harmless(page)
    for path in ("", "papers/", "papers/?sort=ranking", "members/", "papers/propose/"):
        page.goto(f"/curious-minds/{path}")
        assert page.evaluate("window.pwned") is None
    page.get_by_label("Title").fill(paper.title)
    page.get_by_role("button", name="Propose the paper").click()
    expect(page.get_by_text("The group already has")).to_be_visible()
    assert page.evaluate("window.pwned") is None


def _expect_harmless(page):
    assert page.evaluate("window.pwned") is None
    odd = (
        "main :is(script, style, iframe, img, svg:not(.icon), base, meta, [onerror], [hx-trigger])"
    )
    assert page.locator(odd).count() == 0
    links = page.locator("main a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}
