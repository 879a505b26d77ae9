"""The export of a person's data, as JSON and as Markdown."""

import io
import json
import zipfile
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry

from papers.discussions import attendance
from papers.models import (
    Comment,
    CommentRevision,
    Discussion,
    Invitation,
    Listing,
    Mail,
    Paper,
    Submission,
    User,
)
from papers.rendering import single_line

Rows = list[dict[str, Any]]
ABOUT = """This is all that the app keeps of you. Passwords, codes and the secrets of second factors
are not in it: they would open your account. The texts of listings are the group's; an organiser
can download them.
"""


def export_zip(user: User) -> bytes:
    """A zip with ``my-data.json`` and ``my-data.md``."""
    data = collect_data(user)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "my-data.json", json.dumps(data, default=str, ensure_ascii=False, indent=2)
        )
        archive.writestr("my-data.md", _as_markdown(data))
    return file.getvalue()


def collect_data(user: User) -> dict[str, Rows]:
    """The rows about ``user``, by the name of their section."""
    fields = ["name", "username", "email", "time_zone", "theme", "single_keys", "date_joined"]
    return {
        "account": [{name: getattr(user, name) for name in [*fields, "last_login"]}],
        "addresses": _plain_rows(
            EmailAddress.objects.filter(user=user), "email", "verified", "primary"
        ),
        "groups": _plain_rows(user.memberships, "group__name", "role", "created_at", "read_at"),
        "requests to join": _plain_rows(user.join_requests, "group__name", "message", "created_at"),
        "invitations made": _plain_rows(
            user.invitations_made,
            "group__name",
            "role",
            "email",
            "uses_left",
            "created_at",
            "expires_at",
            "revoked_at",
        ),
        "invitations received": _plain_rows(
            Invitation.objects.filter(email__in=user.all_addresses()),
            "group__name",
            "role",
            "created_at",
        ),
        "mails": _plain_rows(
            Mail.objects.filter(to__in=user.all_addresses()), "state", "created_at", "sent_at"
        ),
        "changes in the administration": _plain_rows(
            LogEntry.objects.filter(user=user), "action_time", "object_repr", "change_message"
        ),
        "listings uploaded": _plain_rows(
            Listing.objects.filter(created_by=user), "group__name", "name", "captured_on", "state"
        ),
        **_paper_data(user),
        **_discussion_data(user),
        **_sign_in_data(user),
    } | _social_accounts(user)


def _paper_data(user: User) -> dict[str, Rows]:
    """Proposals, votes, offers, comments and reading marks of the user."""
    paper = ("paper__group__name", "paper__title")
    comment = ("id", "body", "is_question", "created_at", "edited_at", "removed_at")
    earlier = CommentRevision.objects.filter(comment__user=user)
    proposed = Paper.objects.filter(proposed_by=user)
    written = ("title", "abstract", "arxiv_id", "doi", "link")
    removed = Comment.objects.filter(removed_by=user).exclude(user=user)
    mentions = user.mentioned_in.filter(removed_at=None)
    return {
        "papers proposed": _plain_rows(proposed, "group__name", *written, "created_at"),
        "votes": _plain_rows(user.votes, *paper, "stance", "created_at", "updated_at"),
        "offers to present": _plain_rows(user.offers, *paper, "created_at"),
        "comments": _plain_rows(user.comments, *paper, *comment),
        "earlier texts of comments": _plain_rows(earlier, "comment", "body", "written_at"),
        "comments of others removed": _plain_rows(removed, *paper, "removed_at", "removal_reason"),
        "mentioned by others": _plain_rows(mentions, *paper, "user__name", "created_at"),
        "papers read and followed": _plain_rows(user.watches, *paper, "seen_at", "follows"),
    }


def _discussion_data(user: User) -> dict[str, Rows]:
    """Meetings, answers, presentations, feeds and mail settings of the user."""
    discussion = ("discussion__group__name", "discussion__starts_at")
    made = Discussion.objects.filter(created_by=user)
    when = ("state", "starts_at", "ends_at", "place", "reads_together", "created_at")
    option = ("option__discussion__group__name", "option__starts_at", "answer")
    feeds = ("kind", "label", "group__name", "created_at", "last_used_at")
    told = user.notices.filter(told_at__isnull=False)
    return {
        "meetings made": _plain_rows(made, "group__name", *when),
        "answers to meetings": _rsvp_rows(user),
        "answers to date polls": _plain_rows(user.availability, *option, "updated_at"),
        "presentations": _plain_rows(
            user.presentations, *discussion, "paper__title", "is_confirmed"
        ),
        "presentations declined": _plain_rows(user.declined_items, *discussion, "paper__title"),
        "readings": _plain_rows(user.readings, "paper__group__name", "paper__title", "state"),
        "secret addresses": _plain_rows(user.feeds, *feeds),
        "mail choices": _plain_rows(user.mail_choices, "kind", "way"),
        "told alone": _plain_rows(told, *discussion, "event", "told_at"),
        "digests": _plain_rows(user.digest_items, "notice__event", "created_at", "digested_at"),
    }


def _sign_in_data(user: User) -> dict[str, Rows]:
    """Second factors and sessions of the user, and the forms that they sent in the last day."""
    return {
        "forms sent lately": _plain_rows(
            Submission.objects.filter(user=user), "location", "created_at"
        ),
        "second factors": _plain_rows(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "sessions": _plain_rows(
            UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"
        ),
    }


def _rsvp_rows(user: User) -> Rows:
    """The user's answers to meetings, each with the position on the waiting list, if on it."""
    statuses = attendance.statuses_of(user)
    rows = user.rsvps.order_by("pk").select_related("discussion__group")
    return [
        {
            "group": row.discussion.group.name,
            "starts_at": row.discussion.starts_at,
            "answer": statuses[row.discussion_id].label,
            "waiting position": statuses[row.discussion_id].waiting_position or None,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def _social_accounts(user: User) -> dict[str, Rows]:
    """The user's accounts on other sites, if signing in through one is set up."""
    if not apps.is_installed("allauth.socialaccount"):
        return {}
    accounts = apps.get_model("socialaccount.SocialAccount").objects.filter(user=user)
    return {"other sites": _plain_rows(accounts, "provider", "uid", "extra_data", "date_joined")}


def _plain_rows(rows, *fields):
    return [
        {_column_label(name): value for name, value in row.items()}
        for row in rows.order_by("pk").values(*fields)
    ]


def _column_label(field):
    """ "paper" for ``paper__title``, "group" for ``paper__group__name``."""
    return field.removesuffix("__name").removesuffix("__title").rpartition("__")[2]


def _as_markdown(data):
    parts = ["# My data\n", ABOUT]
    for name, rows in data.items():
        parts.append(f"\n## {name.capitalize()}\n")
        if not rows:
            parts.append("None.")
        for row in rows:
            parts.append(
                "\n".join(f"- {field}: {_value_line(value)}" for field, value in row.items())
            )
            parts.append("")
    return "\n".join(parts)


def _value_line(value):
    """``value`` on one line, so that no text can add a heading."""
    return "" if value is None else single_line(str(value))
