"""The commands ``createsuperuser`` and ``changepassword``: people are known by their address."""

import getpass
import sys
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from papers.models import Group, User
from tests.browsing import Browser
from tests.factories import make_group, make_user
from tests.pages import text_of

PASSWORD = "reading until late"  # noqa: S105 - of test users only


@pytest.fixture
def typed(monkeypatch):
    """A function that runs a command at a terminal, at which somebody types answers in turn."""

    def run(command, *arguments, answers=(), passwords=()):
        asked, answers, passwords = [], iter(answers), iter(passwords)
        out, err = StringIO(), StringIO()

        def answer(prompt, given):
            asked.append(prompt)
            return next(given)

        monkeypatch.setattr("builtins.input", lambda prompt: answer(prompt, answers))
        monkeypatch.setattr(
            getpass, "getpass", lambda prompt="Password: ": answer(prompt, passwords)
        )
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        call_command(command, *arguments, stdout=out, stderr=err)
        assert [*answers, *passwords] == []
        return asked, out.getvalue(), err.getvalue()

    return run


def sign_in(email, password):
    form = Browser().open("/accounts/login/").form("Sign in")
    form.fill("Email", email)
    form.fill("Password", password)
    return form.submit()


def test_it_asks_for_what_the_superuser_signs_in_with(db, typed, settings):
    settings.REQUIRE_MFA = False
    Group.objects.all().delete()
    make_group("Reading group", set_up_at=None, set_up_dismissed_at=None)
    asked, out, _ = typed(
        "createsuperuser",
        answers=["Ada@Example.org", "Ada Lovelace"],
        passwords=[PASSWORD, PASSWORD],
    )
    assert asked == ["E-mail address: ", "Name: ", "Password: ", "Password (again): "]
    assert "Ada Lovelace can sign in with ada@example.org." in out
    page = sign_in("ada@example.org", PASSWORD)
    assert page.address == "/reading-group/"  # no mailed code before
    assert "Save and become organiser" in text_of(page.response)


def test_it_asks_again_until_an_answer_is_valid(db, typed):
    make_user("ada")
    asked, _, errors = typed(
        "createsuperuser",
        answers=["ada", "ADA@example.org", "grace@example.org", " ", "Grace"],
        passwords=["short", "12345678901234567", PASSWORD, "mistyped", PASSWORD, PASSWORD],
    )
    assert asked.count("E-mail address: ") == 3
    for sentence in ("valid email", "an account with this address", "letters or digits", "not the"):
        assert sentence in errors
    assert User.objects.get(email="grace@example.org").check_password(PASSWORD)


def test_what_is_given_is_not_asked_for(db, typed):
    asked, *_ = typed(
        "createsuperuser",
        "--email=ada@example.org",
        "--name=Ada",
        passwords=[PASSWORD, PASSWORD],
    )
    assert asked == ["Password: ", "Password (again): "]


def test_it_takes_everything_from_the_environment(db, monkeypatch):
    for name, value in (("EMAIL", "ada@example.org"), ("NAME", "Ada"), ("PASSWORD", PASSWORD)):
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    call_command("createsuperuser", "--noinput", "--name", "Ada L.", stdout=StringIO())
    ada = User.objects.get(email="ada@example.org")
    assert (ada.name, ada.is_superuser, ada.is_staff) == ("Ada L.", True, True)
    assert ada.check_password(PASSWORD)
    assert ada.username
    assert EmailAddress.objects.get(user=ada).verified


def test_without_a_password_a_mailed_code_signs_in(db):
    arguments = ("--no-input", "--email=ada@example.org", "--name=Ada")
    call_command("createsuperuser", *arguments, stdout=StringIO())
    assert not User.objects.get(email="ada@example.org").has_usable_password()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Give --email, or set DJANGO_SUPERUSER_EMAIL."),
        (("--email=ada@example.org",), "Give --name, or set DJANGO_SUPERUSER_NAME."),
        (("--email=ada", "--name=Ada"), "--email: Enter a valid email address."),
        (("--email=bob@example.org", "--name=Ada"), "--email: There is an account"),
        (("--email=ada@example.org", "--name=http://x.org"), "--name: Enter a name"),
    ],
)
def test_what_is_missing_or_wrong_is_named(bob, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("createsuperuser", "--no-input", *arguments)
    assert User.objects.filter(is_superuser=True).count() == 0


def test_two_superusers_may_have_one_name(db):
    for email in ("ada@example.org", "ada@example.com"):
        arguments = ("--no-input", f"--email={email}", "--name=Ada")
        call_command("createsuperuser", *arguments, stdout=StringIO())
    assert User.objects.filter(name="Ada").count() == 2


def test_without_a_terminal_it_says_what_to_do(db, monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO())
    with pytest.raises(CommandError, match="use --no-input"):
        call_command("createsuperuser")


def test_a_password_is_changed_by_address(bob, typed):
    typed("changepassword", "BOB@example.org", passwords=[PASSWORD, PASSWORD])
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    with pytest.raises(CommandError, match=r"No account has the address bobo@example.org"):
        call_command("changepassword", "bobo@example.org")
