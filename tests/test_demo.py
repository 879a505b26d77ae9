"""The sample group: what somebody sees who tries the app out."""

import pytest

from papers.management.commands.demo import make_sample
from papers.models import Group, User
from tests.factories import make_group
from tests.pages import text_of


@pytest.fixture
def ada(client, db):
    if not Group.objects.exists():  # tests that run in transactions of their own take it away
        make_group("Reading group")
    make_sample()
    make_sample()  # a second time changes nothing
    client.force_login(User.objects.get(username="ada"))
    return client


def test_the_group_is_lively(ada):
    group = Group.objects.get()
    assert group.memberships.count() == 8
    home = text_of(ada.get(f"/{group.slug}/"))
    assert "Pinned by the organisers" in home
    assert "+1 Grace can present, +1 for Sonia: nothing they voted for came up in the" in home
    assert "Next meeting" in home
    assert "Denoising Diffusion Probabilistic Models Emmy presents" in home
    assert "1 reply or mention for you" in home
    assert "3 new" in home
    assert "Recently discussed Deep Residual Learning" in home


def test_one_meeting_was_held_one_is_to_come_and_one_has_no_date_yet(ada):
    group = Group.objects.get()
    held, scheduled, poll = (
        group.discussions.filter(state=state).latest("pk")
        for state in ("held", "scheduled", "polling")
    )
    assert "Deeper is only better if the identity is easy to learn" in text_of(
        ada.get(held.get_absolute_url())
    )
    assert "4 of 5 seats taken." in text_of(ada.get(scheduled.get_absolute_url()))
    asked = text_of(ada.get(poll.get_absolute_url()))
    assert "3 of the 4 who want it can come. Lise can present." in asked
    assert "Wait for me: Henri cannot" in asked
    ada.force_login(User.objects.get(username="emmy"))
    assert "Dates to answer" in text_of(ada.get(f"/{group.slug}/"))


def test_threads_have_math_questions_history_and_a_removed_comment(ada):
    group = Group.objects.get()
    denoising, mamba = (
        ada.get(group.papers.get(title__startswith=title).get_absolute_url())
        for title in ("Denoising", "Mamba")
    )
    assert denoising.text.count("<math") == 3
    assert "Questions for the meeting" in text_of(denoising)
    assert "edited" in text_of(mamba)
    assert "Let us talk about papers, not about people." in text_of(mamba)
    assert "has not read past" not in text_of(mamba)
