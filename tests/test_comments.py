"""The thread of a paper: what members write, what becomes of it, and who sees what of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from papers import access
from papers.models import Comment, CommentRevision, Membership, Paper, User, Watch
from papers.services import commenting, watching
from papers.views import comments
from tests.factories import make_comment, make_group, make_paper, make_user
from tests.pages import html_of, text_of


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


def comment(client, paper, body="A word.", **data):
    """Post a comment; the response, and the newest comment there is."""
    response = client.post(f"{paper.get_absolute_url()}comments/", {"body": body} | data)
    return response, Comment.objects.order_by("pk").last()


def act(client, made, what, data=None):
    return client.post(f"/curious-minds/comments/{made.pk}/{what}/", data)


def page(client, paper, query=""):
    return client.get(f"{paper.get_absolute_url()}{query}")


def thread(response):
    """The comments of a page that are there, in their order: (depth, text)."""
    rows = re.findall(
        r'<li class="comment depth-(\d).*?<div class="prose"><p>(.*?)</p>', html_of(response)
    )
    return [(int(depth), text) for depth, text in rows]


def test_a_comment_is_read_by_the_group_where_it_was_written(member, paper, bob, group):
    make_comment(paper=make_paper(group=group), user=bob, body="elsewhere")
    response, made = comment(member, paper, "It is *so*: $x^2$.", is_question="on")
    assert response.url == f"{paper.get_absolute_url()}#c{made.pk}"
    shown = page(member, paper)
    assert "<em>so</em>" in shown.text
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in shown.text
    assert "Comments 1 comment " in text_of(shown)
    assert "elsewhere" not in text_of(shown)
    assert "Questions for the meeting It is so" in text_of(shown)
    at = timezone.localtime(made.created_at, timezone.get_fixed_timezone(0))
    assert f"{at:%-d %b %Y, %H:%M} UTC" in text_of(shown)


def test_before_anybody_wrote_the_page_says_what_will_be_here(member, paper):
    shown = text_of(page(member, paper))
    assert "No comments yet. Only members of the group can read comments" in shown
    assert "0 comments" not in shown


def test_replies_follow_what_they_reply_to_down_to_four_levels(member, paper, alice):
    """A reply to one of the fourth level stands beside it."""
    one = make_comment(paper=paper, user=alice, body="1")
    two = make_comment(paper=paper, user=alice, body="2")
    for body in ("1.1", "1.1.1", "1.1.1.1", "1.1.1.2", "1.1.1.3"):
        parent = Comment.objects.filter(paper=paper).order_by("pk").last()
        response, made = comment(member, paper, body, parent=one.pk if body == "1.1" else parent.pk)
        assert response.status_code == 302
    comment(member, paper, "1.2", parent=one.pk)
    comment(member, paper, "2.1", parent=two.pk)
    assert thread(page(member, paper)) == [
        (0, "1"),
        (1, "1.1"),
        (2, "1.1.1"),
        (3, "1.1.1.1"),
        (3, "1.1.1.2"),
        (3, "1.1.1.3"),
        (1, "1.2"),
        (0, "2"),
        (1, "2.1"),
    ]


@pytest.mark.parametrize("parent", ["elsewhere", "theirs", "0", "x", "9" * 30])
def test_a_reply_is_to_a_comment_of_the_paper(member, paper, group, alice, charlie, parent):
    theirs = make_paper(group=charlie.memberships.get().group)
    ids = {
        "elsewhere": make_comment(paper=make_paper(group=group), user=alice, body="Hidden").pk,
        "theirs": make_comment(paper=theirs, user=charlie, body="Secret").pk,
    }
    response, _ = comment(member, paper, "My long answer", parent=ids.get(parent, parent))
    assert response.status_code == 422
    assert "The comment you reply to is not on this paper." in text_of(response)
    assert "My long answer" in response.text
    assert "Hidden" not in response.text
    assert "Secret" not in response.text
    assert not paper.comments.exists()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Write something first."),
        (" \r\n \t\n", "Write something first."),
        ("x" * 10_001, "These are 10,001 characters; 10,000 is the limit."),
    ],
)
def test_what_cannot_be_a_comment_comes_back_as_it_was_typed(member, paper, body, message):
    response, made = comment(member, paper, body, is_question="on")
    assert response.status_code == 422
    assert message in text_of(response)
    assert body.strip() in response.text
    assert 'type="checkbox" name="is_question" id="to_paper_is_question" checked' in response.text
    assert made is None


def test_line_ends_count_once_and_the_spaces_of_a_line_stay(member, paper):
    body = "\r\n  \r\n    code\r\n" + "é\r\n" * 4995 + "x  \r\n\r\n"
    response, made = comment(member, paper, body)
    assert response.status_code == 302
    assert made.body == "    code\n" + "é\n" * 4995 + "x"


def test_the_same_text_sent_twice_is_one_comment(member, organiser, paper, alice, bob):
    member.force_login(bob)
    for _ in range(3):
        response, made = comment(member, paper, "Twice")
    assert Comment.objects.count() == 1
    assert response.url.endswith(f"#c{made.pk}")
    comment(member, paper, "Twice", parent=made.pk)
    comment(member, paper, "Other")
    organiser.force_login(alice)
    comment(organiser, paper, "Twice")
    assert Comment.objects.count() == 4


def test_the_same_text_later_is_another_comment(member, paper):
    _, made = comment(member, paper, "Again")
    Comment.objects.update(created_at=timezone.now() - timedelta(seconds=11))
    comment(member, paper, "Again")
    assert Comment.objects.count() == 2
    act(member, Comment.objects.order_by("pk").last(), "remove")
    comment(member, paper, "Again")
    assert Comment.objects.count() == 3


@pytest.mark.parametrize("status", ["scheduled", "discussed", "set-aside"])
def test_one_may_comment_whatever_becomes_of_the_paper(member, group, alice, status):
    paper = make_paper(group=group, status=status)
    at = timezone.now()
    gone = make_comment(paper=paper, user=alice, body="Gone", removed_at=at, removed_by=alice)
    comment(member, paper, "Still there", parent=gone.pk)
    shown = text_of(page(member, paper))
    assert "A comment was deleted by its author." in shown
    assert "Still there" in shown


@pytest.mark.parametrize("what", ["comments", "comments/preview", "follow"])
def test_the_id_of_another_groups_paper_leads_nowhere(organiser, group, alice, what):
    theirs = make_paper(group=make_group("Second", organisers=[alice]), title="Theirs")
    data = {"body": "A word.", "follows": "yes"}
    response = organiser.post(f"/curious-minds/papers/{theirs.pk}/{what}/", data)
    assert response.status_code == 404
    assert "Theirs" not in response.text
    assert not Comment.objects.exists()
    assert not Watch.objects.exists()


def test_a_form_to_reply_and_one_to_quote(member, paper, alice):
    made = make_comment(paper=paper, user=alice, body="One\n\n  <two>")
    reply = html_of(page(member, paper, f"?reply={made.pk}"))
    assert f'<div id="answer-{made.pk}">' in reply
    assert f'name="parent" value="{made.pk}"' in reply
    assert reply.count("<textarea") == 2
    quote = page(member, paper, f"?quote={made.pk}").text
    assert "&gt; One\n&gt;\n&gt;   &lt;two&gt;\n\n</textarea>" in quote


@pytest.mark.parametrize("query", ["?reply=x", "?reply=0", "?quote=ELSEWHERE", "?quote=REMOVED"])
def test_no_form_for_what_is_not_there(member, paper, group, alice, query):
    elsewhere = make_comment(paper=make_paper(group=group), user=alice, body="Hidden")
    at = timezone.now()
    removed = make_comment(paper=paper, user=alice, body="Hidden", removed_at=at, removed_by=alice)
    query = query.replace("ELSEWHERE", str(elsewhere.pk)).replace("REMOVED", str(removed.pk))
    response = page(member, paper, query)
    assert response.status_code == 200
    assert response.text.count("<textarea") == 1
    assert "Hidden" not in response.text


def test_a_preview_keeps_the_form_and_saves_nothing(member, paper, alice):
    made = make_comment(paper=paper, user=alice)
    data = {"body": "**Bold**", "is_question": "on", "parent": made.pk}
    response = member.post(f"{paper.get_absolute_url()}comments/preview/", data)
    assert "<strong>Bold</strong>" in response.text
    assert "**Bold**</textarea>" in response.text
    assert f'name="parent" value="{made.pk}"' in response.text
    assert "Reply to Alice" in text_of(response)
    assert Comment.objects.count() == 1
    part = member.post(
        f"{paper.get_absolute_url()}comments/preview/", data, headers={"HX-Request": "true"}
    )
    assert "<strong>Bold</strong>" in part.text
    assert "<html" not in part.text
    empty = member.post(
        f"{paper.get_absolute_url()}comments/preview/", {"body": ""}, headers={"HX-Request": "true"}
    )
    assert "Write something first." in empty.text


def test_what_a_comment_said_before_is_kept_for_the_group(member, paper, bob, alice):
    written = timezone.now() - timedelta(days=2)
    made = make_comment(paper=paper, user=bob, body="First @alice", created_at=written)
    assert "edited" not in text_of(page(member, paper))
    for body in ("Second", "Second", "Third\r\n"):
        response = act(member, made, "edit", {"body": body})
        assert response.url == f"{paper.get_absolute_url()}#c{made.pk}"
    versions = CommentRevision.objects.values_list("body", "written_at")
    made.refresh_from_db()
    assert [body for body, _ in versions] == ["First @alice", "Second"]
    assert versions[0][1] == written
    assert versions[0][1] < versions[1][1] < made.edited_at
    assert made.body == "Third"
    member.force_login(alice)
    shown = page(member, paper)
    assert "edited" in text_of(shown)
    history = text_of(member.get(f"/curious-minds/comments/{made.pk}/history/"))
    assert re.search(r"Now .* Third Earlier .* Second .* First @alice", history)


def test_an_edit_that_is_looked_at_or_wrong_changes_nothing(member, paper, bob):
    made = make_comment(paper=paper, user=bob, body="As it was", is_question=True)
    form = member.get(f"/curious-minds/comments/{made.pk}/edit/").text
    assert "As it was</textarea>" in form
    assert f'id="edit_{made.pk}_is_question" checked' in form
    shown = act(member, made, "edit", {"body": "*New*", "preview": "yes"})
    assert "<em>New</em>" in shown.text
    assert "*New*</textarea>" in shown.text
    # A text of which nothing is to be seen.
    assert act(member, made, "edit", {"body": "[a]: b", "preview": "yes"}).status_code == 200
    wrong = act(member, made, "edit", {"body": "x" * 10_001})
    assert wrong.status_code == 422
    assert "x" * 10_001 in wrong.text
    made.refresh_from_db()
    assert (made.body, made.is_question, made.edited_at) == ("As it was", True, None)
    assert not CommentRevision.objects.exists()


def test_what_i_delete_nobody_reads_any_more_and_i_can_take_that_back(member, paper, alice, bob):
    made = make_comment(paper=paper, user=bob, body="Too early", is_question=True)
    reply = make_comment(paper=paper, user=alice, body="Why?", parent=made)
    response = act(member, made, "remove")
    assert response.url == f"{paper.get_absolute_url()}#c{made.pk}"
    mine = page(member, paper)
    assert "You deleted this comment. Undo" in text_of(mine)
    assert "1 comment" in text_of(mine)
    member.force_login(alice)
    theirs = page(member, paper)
    assert "A comment was deleted by its author." in text_of(theirs)
    assert "Why?" in text_of(theirs)
    assert "Undo" not in text_of(theirs)
    for shown in (mine, theirs):
        assert "Too early" not in shown.text
        assert "Questions for the meeting" not in text_of(shown)
    assert member.get(f"/curious-minds/comments/{made.pk}/history/").status_code == 404
    assert act(member, made, "restore").status_code == 403
    act(member, reply, "remove")
    Membership.objects.create(group=paper.group, user=make_user("erin"))
    member.force_login(User.objects.get(username="erin"))
    assert "deleted by its author" not in text_of(page(member, paper))
    member.force_login(bob)
    act(member, made, "restore")
    act(member, made, "restore")
    assert "Too early" in text_of(page(member, paper))


def test_an_organiser_removes_what_another_wrote_and_says_why(organiser, paper, alice, bob):
    made = make_comment(paper=paper, user=bob, body="Buy my book")
    asked = organiser.get(f"/curious-minds/comments/{made.pk}/remove/")
    assert "Remove what Bob wrote?" in text_of(asked)
    for reason in ("", "  ", "x" * 201):
        refused = act(organiser, made, "remove", {"reason": reason})
        assert refused.status_code == 422
    assert "Buy my book" in text_of(page(organiser, paper))
    act(organiser, made, "remove", {"reason": "It is <b>advertising</b>"})
    shown = page(organiser, paper)
    assert "You removed what Bob wrote: “It is <b>advertising</b>” Undo" in text_of(shown)
    assert "<b>" not in shown.text
    organiser.force_login(bob)
    shown = page(organiser, paper)
    assert "Your comment was removed by Alice: “It is <b>advertising</b>”" in text_of(shown)
    assert "Undo" not in text_of(shown)
    assert act(organiser, made, "restore").status_code == 403
    assert act(organiser, made, "edit", {"body": "Again"}).status_code == 404
    organiser.force_login(alice)
    act(organiser, made, "restore")
    assert "Buy my book" in text_of(page(organiser, paper))
    made.refresh_from_db()
    assert (made.removed_by, made.removal_reason) == (None, "")


def test_what_was_removed_with_nothing_below_it_is_gone_for_the_others(organiser, paper, bob):
    made = make_comment(paper=paper, user=bob, body="Buy my book")
    act(organiser, made, "remove", {"reason": "Advertising"})
    erin = make_user("erin")
    Membership.objects.create(group=paper.group, user=erin)
    organiser.force_login(erin)
    shown = page(organiser, paper)
    assert "Advertising" not in shown.text
    assert "No comments yet." in text_of(shown)


def test_questions_for_the_meeting(organiser, paper, alice, bob):
    body = "> Quoted\n\nIs $x$ bounded?\n\nI doubt it."
    made = make_comment(paper=paper, user=bob, body=body)
    for _ in range(2):
        response = act(organiser, made, "question", {"on": "yes"})
        assert response.url == f"{paper.get_absolute_url()}#c{made.pk}"
    shown = page(organiser, paper)
    assert "Questions for the meeting Is x bounded? Bob" in text_of(shown)
    assert f'<a href="#c{made.pk}">Is <math' in shown.text
    assert act(organiser, made, "question", {"on": "perhaps"}).status_code == 422
    act(organiser, made, "question", {"on": "no"})
    assert "Questions for the meeting" not in text_of(page(organiser, paper))


def test_another_members_comment_is_not_mine_to_change(member, paper, alice):
    made = make_comment(paper=paper, user=alice)
    for what in ("edit", "remove", "restore", "question"):
        data = {"body": "x", "reason": "x", "on": "yes"}
        assert act(member, made, what, data).status_code == 403
    shown = text_of(page(member, paper))
    for word in ("Edit", "Delete", "Remove", "Ask at the meeting"):
        assert word not in shown
    assert "Reply to Alice Quote Alice" in shown


@pytest.mark.parametrize("what", ["edit", "remove", "restore", "question", "history"])
def test_the_id_of_another_groups_comment_leads_nowhere(organiser, group, alice, what):
    """Even to one who organises both: an address names the group it is in."""
    other = make_group("Second", organisers=[alice])
    made = make_comment(paper=make_paper(group=other), user=alice, body="Elsewhere")
    method = organiser.get if what == "history" else organiser.post
    response = method(f"/curious-minds/comments/{made.pk}/{what}/", {"body": "x", "on": "yes"})
    assert response.status_code == 404
    assert "Elsewhere" not in response.text
    made.refresh_from_db()
    assert (made.body, made.removed_at, made.is_question) == ("Elsewhere", None, False)


def test_mentions_are_of_members_and_follow_the_text(member, paper, group, alice, bob, charlie):
    Membership.objects.create(group=group, user=make_user("gone", is_active=False))
    _, made = comment(member, paper, "@alice @bob @charlie @gone @nobody `@code`")
    assert list(made.mentions.all()) == [alice]
    shown = page(member, paper).text
    assert '<span class="mention">@alice</span>' in shown
    assert '<span class="mention">@bob</span>' in shown
    assert 'mention">@charlie' not in shown
    act(member, made, "edit", {"body": "Nobody is meant."})
    assert not made.mentions.exists()


def test_what_is_new_is_marked_until_it_was_seen(member, paper, alice, bob):
    long_ago = timezone.now() - timedelta(days=3)
    Membership.objects.update(created_at=long_ago)
    make_comment(paper=paper, user=alice, body="old", created_at=long_ago - timedelta(days=1))
    first = make_comment(paper=paper, user=alice, body="new")
    make_comment(paper=paper, user=bob, body="mine", parent=first)
    make_comment(paper=paper, user=alice, body="newer", parent=first)
    member.head(paper.get_absolute_url())
    response = page(member, paper)
    assert f'<a href="#c{first.pk}">2 new</a>' in html_of(response)
    assert [post.comment.body for post in response.context["thread"].new_posts] == ["new", "newer"]
    assert response.text.count(">New<") == 2
    assert "2 new" in text_of(page(member, paper))  # the visit goes on: it may be after an act
    make_comment(paper=paper, user=alice, body="meanwhile", parent=first)
    assert "3 new" in text_of(page(member, paper))
    Watch.objects.update(visited_at=timezone.now() - timedelta(minutes=31))
    again = page(member, paper).text
    assert " new</a>" not in again
    assert ">New<" not in again
    make_comment(paper=paper, user=alice, body="newest")
    assert "1 new" in text_of(page(member, paper))


def test_reading_what_is_not_new_writes_nothing(member, paper, alice, bob):
    make_comment(paper=paper, user=bob)
    page(member, paper)
    assert not Watch.objects.exists()
    make_comment(paper=paper, user=alice)
    member.force_login(make_user("root", is_superuser=True))
    shown = html_of(page(member, paper))
    assert "2 comments" in shown
    assert " new</a>" not in shown
    assert ">New<" not in shown
    assert not Watch.objects.exists()


def test_a_superuser_from_outside_reads_and_takes_no_part(client, paper, bob):
    make_comment(paper=paper, user=bob, body="Ours")
    client.force_login(make_user("root", is_superuser=True))
    shown = page(client, paper)
    assert "Ours" in text_of(shown)
    assert "<textarea" not in shown.text
    for word in ("Reply", "Remove", "Ask at the meeting", "Follow", "Mute"):
        assert word not in text_of(shown)


def follow(client, paper, follows):
    return client.post(f"{paper.get_absolute_url()}follow/", {"follows": follows}, follow=True)


def test_following_and_muting(member, paper):
    assert "You do not follow this paper." in text_of(page(member, paper))
    assert "You follow this paper. New comments" in text_of(follow(member, paper, "yes"))
    shown = text_of(follow(member, paper, "no"))
    assert (
        "You have muted this paper. New comments do not appear on your home page. Unmute" in shown
    )
    assert "You do not follow this paper." in text_of(follow(member, paper, "default"))
    comment(member, paper)
    assert "You follow this paper. New comments appear on your home page" in text_of(
        page(member, paper)
    )
    assert follow(member, paper, "perhaps").status_code == 422
    assert Watch.objects.count() == 1


def test_all_is_marked_as_read(member, paper, alice):
    make_comment(paper=paper, user=alice)
    there = "/curious-minds/papers/?unread=yes"
    response = member.post("/curious-minds/read/", {"next": there}, follow=True)
    assert response.redirect_chain == [(there, 302)]
    assert "All is marked as read." in text_of(response)
    assert member.post("/curious-minds/read/").url == "/curious-minds/"
    assert "1 new" not in text_of(page(member, paper))


def test_whom_one_can_mention(member, group, charlie):
    Membership.objects.create(group=group, user=make_user("gone", is_active=False))
    assert member.get("/curious-minds/members/handles/").json() == {
        "members": [
            {"username": "alice", "name": "Alice"},
            {"username": "bob", "name": "Bob"},
        ]
    }


def test_no_more_members_are_listed_than_a_phone_can_take(member, group, monkeypatch):
    monkeypatch.setattr(comments, "MOST_HANDLES", 1)
    assert len(member.get("/curious-minds/members/handles/").json()["members"]) == 1


def test_no_name_text_or_reason_is_markup(client, paper, alice, bob):
    bad = "<img src=x onerror=alert(1)>"
    bob.name = f"Bob {bad}"
    bob.save()
    made = make_comment(paper=paper, user=bob, body=bad, is_question=True)
    make_comment(paper=paper, user=bob, body=bad, parent=made)
    client.force_login(alice)
    pages = [page(client, paper, f"?quote={made.pk}")]
    pages += [
        client.get(f"/curious-minds/comments/{made.pk}/{at}/") for at in ("history", "remove")
    ]
    pages.append(comment(client, paper, "", parent=made.pk)[0])
    act(client, made, "remove", {"reason": bad})
    pages.append(page(client, paper))
    for shown in pages:
        assert "<img src=x" not in shown.text
        assert "&lt;img src=x onerror" in shown.text


def converse(paper, people):
    """Each of ``people`` says something, in threads of four."""
    said = None
    for number, user in enumerate(people):
        body, parent = f"@alice: ${number}$", said if number % 4 else None
        said = make_comment(paper=paper, user=user, body=body, parent=parent, is_question=True)
        CommentRevision.objects.create(comment=said, body="Before", written_at=timezone.now())


def test_the_queries_do_not_grow_with_the_thread(
    member, group, alice, django_assert_num_queries, django_assert_max_num_queries
):
    people = [alice, *(make_user(f"user{number}") for number in range(29))]
    few, many = make_paper(group=group), make_paper(group=group)
    converse(few, people[:1])
    converse(many, people)
    with django_assert_max_num_queries(15) as queries_of_few:
        assert text_of(page(member, few)).count("Reply to") == 1
    with django_assert_num_queries(len(queries_of_few)):
        assert text_of(page(member, many)).count("Reply to") == 30


@pytest.mark.parametrize("number", [1, 30])
def test_the_queries_do_not_grow_with_the_versions(
    member, paper, bob, number, django_assert_num_queries
):
    made = make_comment(paper=paper, user=bob)
    for n in range(number):
        CommentRevision.objects.create(
            comment=made, body=f"Version {n}.", written_at=timezone.now()
        )
    with django_assert_num_queries(6):
        response = member.get(f"/curious-minds/comments/{made.pk}/history/")
    shown = text_of(response)
    assert shown.count("Version") == min(number, 5)
    if number == 30:
        rest = text_of(member.get(f"/curious-minds/comments/{made.pk}/history/?page=6"))
        assert "Version 0." in rest
        assert "Now" not in rest


def test_who_writes_very_much_waits_and_loses_nothing(member, paper, bob):
    for number in range(30):
        make_comment(paper=paper, user=bob, body=str(number))
    form = {"body": "One more"}
    response = member.post(f"{paper.get_absolute_url()}comments/", form)
    assert response.status_code == 422
    assert "wait a little" in text_of(response)
    assert "One more</textarea>" in response.text
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert member.post(f"{paper.get_absolute_url()}comments/", form).status_code == 302


def test_what_was_removed_is_no_question_any_more(paper, bob):
    made = make_comment(paper=paper, user=bob)
    commenting.remove_comment(comment=made, by=bob)
    commenting.mark_question(comment=made, on=True)
    made.refresh_from_db()
    assert made.is_question is False


def test_a_flood_of_empty_lines_is_read_at_once(member, paper):
    """As long as a form may be: it took minutes when each line was taken away by itself."""
    response = member.post(f"{paper.get_absolute_url()}comments/", {"body": "\n" * 900_000 + "x"})
    assert response.status_code == 302
    assert paper.comments.get().body == "x"


@pytest.mark.parametrize("parent", ["%", "%d", "%s", "x", "1, body", '"><b>'])
def test_what_is_no_comment_is_not_replied_to(member, paper, parent):
    for act in ("", "preview/"):
        form = {"body": "x", "parent": parent}
        response = member.post(f"{paper.get_absolute_url()}comments/{act}", form)
        assert response.status_code == 422
    assert "not on this paper" in text_of(response)
    assert not paper.comments.exists()


def test_what_was_removed_is_read_nowhere(client, group, paper, alice, bob):
    made = make_comment(paper=paper, user=bob, body="Secret", is_question=True)
    commenting.edit_comment(comment=made, by=bob, body="Secret, too")
    commenting.remove_comment(comment=made, by=bob)
    for user in (alice, bob):
        client.force_login(user)
        for act in ("edit", "history", "remove"):
            response = client.get(f"/curious-minds/comments/{made.pk}/{act}/", follow=True)
            assert "Secret" not in response.text
        for query in ("", f"?reply={made.pk}", f"?quote={made.pk}"):
            assert "Secret" not in client.get(paper.get_absolute_url() + query).text
    form = {"body": "x", "parent": made.pk}
    shown = client.post(f"{paper.get_absolute_url()}comments/preview/", form)
    assert "Reply to" not in text_of(shown)


def test_who_organises_no_more_does_not_bring_back(client, group, paper, alice, bob):
    made = make_comment(paper=paper, user=bob)
    commenting.remove_comment(comment=made, by=alice, reason="Off the point")
    group.memberships.filter(user=alice).update(role="member")
    client.force_login(alice)
    assert client.post(f"/curious-minds/comments/{made.pk}/restore/").status_code == 403
    made.refresh_from_db()
    assert made.removed_at


def test_a_mark_that_was_set_meanwhile_survives_an_edit(member, paper, bob):
    made = make_comment(paper=paper, user=bob, body="Before")
    commenting.mark_question(comment=made, on=True)
    form = {"body": "After", "initial-is_question": "False"}
    member.post(f"/curious-minds/comments/{made.pk}/edit/", form)
    made.refresh_from_db()
    assert (made.body, made.is_question) == ("After", True)
    form = {"body": "After", "initial-is_question": "True"}
    member.post(f"/curious-minds/comments/{made.pk}/edit/", form)
    made.refresh_from_db()
    assert made.is_question is False


def test_of_a_muted_paper_nothing_is_marked(member, paper, alice, bob):
    make_comment(paper=paper, user=alice)
    watching.set_following(user=bob, paper=paper, follows=False)
    assert "1 new" not in text_of(page(member, paper))


def test_a_reply_at_the_deepest_level_says_whom_it_answers(client, paper, alice, bob):
    parent = None
    for _ in range(4):
        parent = make_comment(paper=paper, user=alice, parent=parent)
    client.force_login(bob)
    assert "@alice </textarea>" in client.get(f"{paper.get_absolute_url()}?reply={parent.pk}").text


GONE = {
    "comments/": {"body": "x"},
    "follow/": {"follows": "yes"},
    "pin/": {"pinned": "yes"},
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", GONE)
def test_a_paper_that_goes_meanwhile_is_not_found(client, paper, alice, monkeypatch, act):
    client.force_login(alice)
    fetch = access.paper_for

    def late(*which):
        found = fetch(*which)
        Paper.objects.filter(pk=paper.pk).delete()
        return found

    monkeypatch.setattr(access, "paper_for", late)
    response = client.post(f"{paper.get_absolute_url()}{act}", GONE[act])
    assert response.status_code in (302, 404)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["edit", "remove", "restore"])
def test_a_comment_that_goes_meanwhile_is_not_found(client, paper, bob, monkeypatch, act):
    client.force_login(bob)
    made, fetch = make_comment(paper=paper, user=bob), access.comment_for

    def late(*which):
        found = fetch(*which)
        Comment.objects.filter(pk=made.pk).delete()
        return found

    monkeypatch.setattr(access, "comment_for", late)
    response = client.post(f"/curious-minds/comments/{made.pk}/{act}/", {"body": "x"})
    assert response.status_code == 404
