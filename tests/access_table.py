"""The access table: the response of every address to each method and each kind of person.

This table is the specification. ``login`` is the redirect to the sign-in page. A person gets 404
for what they may not know about, and 403 for what they may not do. A stranger is a member of
another group only, an other organiser runs another group, and a deactivated person organised the
group and still has a session.
"""

from datetime import timedelta

from django.utils import timezone

from papers.models import MailKind

WHO = (
    "anonymous",
    "stranger",
    "member",
    "organiser",
    "other organiser",
    "superuser",
    "deactivated",
)


def row(anonymous, stranger, member, organiser, other=None, superuser=None, deactivated=None):
    """The responses in the order of ``WHO``.

    By default an other organiser counts as a stranger, a superuser as an organiser, and a
    deactivated person as anonymous.
    """
    return (
        anonymous,
        stranger,
        member,
        organiser,
        stranger if other is None else other,
        organiser if superuser is None else superuser,
        anonymous if deactivated is None else deactivated,
    )


def of_everybody(status):
    return row(status, status, status, status)


def of_members(status, organiser=None):
    return row("login", 404, status, organiser or status)


def of_organisers(status):
    return row("login", 404, 403, status)


def of_people(status):
    """The same response for everybody who is signed in."""
    return row("login", status, status, status)


ALL = of_everybody(200)
NO_METHOD = of_everybody(405)
NO_SUCH_METHOD = of_people(405)  # not revealed to people who are not signed in
POST_ONLY = NO_SUCH_METHOD

# Actions of members: a superuser who is no member may not take them.
JOIN_IN = {"GET": NO_SUCH_METHOD, "POST": row("login", 404, 302, 302, superuser=403)}
HEALTH = {"GET": ALL, "POST": NO_METHOD}
READ = {"GET": of_members(200), "POST": NO_SUCH_METHOD}
ACT = {"GET": POST_ONLY, "POST": of_organisers(302)}
OWN = {"GET": of_people(200), "POST": of_people(200)}  # an empty form, which comes back
OWN_SURE = {"GET": of_people(302), "POST": of_people(302)}  # asks for the password again first
ENTRANCE = {"GET": row(200, 302, 302, 302), "POST": row(200, 302, 302, 302)}
# A step of a sign-in that nobody has begun, or a feature that is off.
NO_STEP = {"GET": of_everybody(302), "POST": of_everybody(302)}
NO_FACTOR = {"GET": of_people(404), "POST": of_people(404)}  # nobody here has a second factor

APP = {
    # Home redirects a person with one group to it; a superuser has all groups.
    "home": {"GET": row("login", 302, 302, 302, superuser=200), "POST": NO_SUCH_METHOD},
    "favicon": {"GET": of_everybody(302), "POST": NO_METHOD},
    "healthz": HEALTH,
    "readyz": HEALTH,
    "outbox": {"GET": of_everybody(404), "POST": NO_METHOD},  # outside DEBUG
    "join": {"GET": of_everybody(410), "POST": of_everybody(410)},
    "join-forget": {"GET": NO_METHOD, "POST": of_everybody(302)},
    "join-link": {"GET": of_everybody(302), "POST": NO_METHOD},
    "me": {"GET": of_people(200), "POST": of_people(422)},
    "preferences": {"GET": NO_SUCH_METHOD, "POST": of_people(204)},
    "mail-choices": {"GET": of_people(200), "POST": of_people(302)},
    # An invalid token.
    "mail-stop": {"GET": of_everybody(404), "POST": of_everybody(404)},
    "my-data": {"GET": of_people(302), "POST": NO_SUCH_METHOD},
    "delete-account": OWN_SURE,
    "feeds": {"GET": of_people(200), "POST": of_people(302)},
    # The feed is the member's: for all others it does not exist.
    "feed-revoke": {
        "GET": row("login", 404, 200, 404),
        "POST": row("login", 404, 302, 404),
    },
    # Nobody has the token, which alone gives access.
    "feed-calendar": {"GET": of_everybody(404), "POST": NO_METHOD},
    "feed-news": {"GET": of_everybody(404), "POST": NO_METHOD},
    "group": READ,
    "group-settings": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "group-zone": {"GET": of_organisers(302), "POST": of_organisers(302)},  # without a zone
    # The group has been set up before.
    "set-up": {"GET": of_organisers(302), "POST": of_organisers(302)},
    "set-up-dismiss": ACT,
    "join-as-organiser": {
        "GET": NO_SUCH_METHOD,
        "POST": row("login", 404, 403, 403, superuser=302),
    },
    # The group does not take requests: only its members learn that it exists.
    "ask": {"GET": row(404, 404, 302, 302, superuser=404), "POST": NO_METHOD},
    "ask-send": {"GET": NO_SUCH_METHOD, "POST": row("login", 404, 302, 302, superuser=404)},
    "ask-withdraw": {"GET": NO_SUCH_METHOD, "POST": row("login", 404, 302, 302, superuser=404)},
    # A superuser is in no group, and cannot leave one.
    "leave": {
        "GET": row("login", 404, 200, 200, superuser=404),
        "POST": row("login", 404, 302, 302, superuser=404),
    },
    "members": READ,
    "member-role": ACT,
    "member-remove": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "invite-link": ACT,
    "invite-mail": ACT,
    "invitation-revoke": ACT,
    "request-admit": ACT,
    "request-decline": ACT,
    "papers": READ,
    "paper": READ,
    "paper-bibtex": READ,
    # The member proposed the paper and may withdraw it; the organiser may not.
    "paper-propose": {
        "GET": row("login", 404, 200, 200, superuser=403),
        "POST": row("login", 404, 302, 302, superuser=403),
    },
    "paper-edit": {"GET": of_members(200), "POST": of_members(302)},
    "paper-withdraw": {"GET": row("login", 404, 200, 403), "POST": row("login", 404, 302, 403)},
    "paper-status": ACT,
    "paper-topics": ACT,
    "paper-vote": JOIN_IN,
    "paper-offer": JOIN_IN,
    "paper-pin": ACT,
    "paper-reading": JOIN_IN,
    "paper-follow": JOIN_IN,
    "paper-comments": JOIN_IN,
    "paper-comment-preview": {
        "GET": NO_SUCH_METHOD,
        "POST": row("login", 404, 200, 200, superuser=403),
    },
    # The comment is the member's: the organiser may remove it but not edit it.
    "comment-edit": {
        "GET": row("login", 404, 200, 403),
        "POST": row("login", 404, 302, 403),
    },
    "comment-remove": {
        "GET": row("login", 404, 200, 200, superuser=403),
        "POST": row("login", 404, 302, 302, superuser=403),
    },
    "comment-restore": JOIN_IN,
    "comment-question": JOIN_IN,
    "comment-history": READ,
    # A meeting of the organiser, in a group whose members may not schedule.
    "discussions": READ,
    "discussion-month": READ,
    "discussion": READ,
    "discussion-new": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-poll": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-poll-edit": {"GET": of_organisers(302), "POST": of_organisers(302)},  # not a poll
    "discussion-answer": JOIN_IN,
    "discussion-fix": {"GET": of_organisers(302), "POST": of_organisers(302)},  # not a poll
    "discussion-poll-reopen": {
        "GET": of_organisers(302),
        "POST": of_organisers(302),
    },  # it never was
    "discussion-record": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-remind": ACT,
    "discussion-write": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-edit": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-cancel": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-reinstate": ACT,
    "discussion-ics": READ,
    "discussion-add": ACT,
    "discussion-meeting": READ,
    "discussion-sheet": READ,
    # The meeting has no questions and has not begun.
    "discussion-question": JOIN_IN,
    "discussion-ask": JOIN_IN,
    "discussion-notes": JOIN_IN,
    "discussion-read-together": ACT,
    "discussion-conclude": {"GET": of_organisers(302), "POST": of_organisers(302)},
    "discussion-reopen": ACT,
    "discussion-rsvp": JOIN_IN,
    "agenda-present": JOIN_IN,
    "agenda-hand-over": JOIN_IN,
    "agenda-swap": JOIN_IN,
    "agenda-ask": ACT,
    "agenda-clear": ACT,
    "agenda-remove": ACT,
    "agenda-move": ACT,
    "agenda-minutes": ACT,
    "member-handles": READ,
    "mark-read": JOIN_IN,
}

ACCOUNTS = {
    "account_login": ENTRANCE,
    "account_logout": {"GET": row(302, 200, 200, 200), "POST": of_everybody(302)},
    "account_inactive": {"GET": ALL, "POST": NO_METHOD},
    "account_signup": ENTRANCE,  # it says that sign-up is by invitation
    "account_reauthenticate": OWN,
    "account_email": {"GET": of_people(200), "POST": of_people(302)},
    "account_email_verification_sent": NO_STEP,
    "account_change_password": OWN,
    "account_set_password": OWN_SURE,
    "account_reset_password": {"GET": ALL, "POST": ALL},
    "account_reset_password_done": {"GET": ALL, "POST": NO_METHOD},
    "account_reset_password_from_key": {"GET": ALL, "POST": ALL},
    "account_reset_password_from_key_done": {"GET": ALL, "POST": NO_METHOD},
    "account_request_login_code": ENTRANCE,
    "account_confirm_login_code": NO_STEP,
    "mfa_index": {"GET": of_people(200), "POST": NO_SUCH_METHOD},
    "mfa_authenticate": NO_STEP,
    "mfa_reauthenticate": OWN_SURE,
    "mfa_activate_totp": OWN_SURE,
    "mfa_deactivate_totp": NO_FACTOR,
    "mfa_view_recovery_codes": {"GET": of_people(404), "POST": NO_SUCH_METHOD},
    "mfa_generate_recovery_codes": OWN_SURE,
    "mfa_download_recovery_codes": NO_FACTOR,
    "mfa_list_webauthn": {"GET": of_people(200), "POST": NO_SUCH_METHOD},
    "mfa_add_webauthn": OWN_SURE,
    "mfa_reauthenticate_webauthn": OWN_SURE,
    "mfa_remove_webauthn": OWN_SURE,
    "mfa_edit_webauthn": OWN_SURE,
    "mfa_login_webauthn": NO_STEP,
    "usersessions_list": {"GET": of_people(200), "POST": of_people(302)},
}


def of_admin_users(organiser, other=None, superuser=None):
    """Others are redirected to the admin login, which answers 403 or leads to the sign-in page."""
    other = organiser if other is None else other
    return row("login", "door", "door", organiser, other, superuser)


def of_admin_site(organiser):
    """Pages of the admin site itself, which check permissions themselves."""
    return row("door", "door", "door", organiser, other=organiser)


def on_get_and_post(answers):
    return {"GET": answers, "POST": answers}


ENTER = of_admin_users(200)  # everybody with access to the admin; a list has only their own rows
ROOT = of_admin_users(403, superuser=200)
NOBODY = of_admin_users(403)
OURS = of_admin_users(200, other=302)  # a page of Django's: a forbidden row redirects to the index
OWN_ROW = of_admin_users(200, other=404)  # a page of ours for a row of the group
DO = {"GET": of_admin_users(405), "POST": of_admin_users(302, other=404)}
DO_ENTRY = {"GET": of_admin_users(405, other=404), "POST": of_admin_users(302, other=404)}
ADMIN_SITE_GET = {"GET": of_admin_site(200), "POST": of_admin_site(405)}
ADMIN_SITE_MOVED = on_get_and_post(of_admin_site(302))


def model_pages(model, *, listed=ENTER, add=ENTER, change=OURS, delete=OURS, history=OURS):
    """The pages of Django for a model; a form that is sent empty comes back."""
    pages = {"changelist": listed, "add": add, "change": change, "delete": delete}
    return {
        f"admin:{model}_{page}": on_get_and_post(who)
        for page, who in (pages | {"history": history}).items()
    }


OF_SUPERUSERS = {"listed": ROOT, "add": ROOT, "change": ROOT, "delete": ROOT, "history": ROOT}

ADMIN = {
    "admin:index": on_get_and_post(of_admin_site(200)),
    "admin:app_list": on_get_and_post(of_admin_site(200)),
    "admin:login": on_get_and_post(row("login", 403, 403, 302, other=302)),
    "admin:logout": {
        "GET": row("door", 302, 302, 405, other=405),
        "POST": row("door", 302, 302, 302),
    },
    "admin:password_change": ADMIN_SITE_MOVED,
    "admin:password_change_done": ADMIN_SITE_GET,
    "admin:jsi18n": ADMIN_SITE_GET,
    "admin:autocomplete": {"GET": of_admin_site(403), "POST": of_admin_site(405)},
    "admin:auth_user_password_change": on_get_and_post(ROOT),
    **model_pages("papers_user", **OF_SUPERUSERS | {"add": NOBODY}),
    **model_pages("papers_group", add=ROOT, delete=ROOT),
    **model_pages("papers_membership", add=ROOT),
    **model_pages("papers_topic"),
    **model_pages("papers_paper"),
    **model_pages("papers_listing", change=OWN_ROW),
    "admin:papers_listing_raw": on_get_and_post(OWN_ROW),
    "admin:papers_listing_progress": on_get_and_post(OWN_ROW),
    "admin:papers_listing_again": DO,
    "admin:papers_listing_apply": DO,
    "admin:papers_listing_take_back": DO,
    "admin:papers_listing_look_again": DO,
    "admin:papers_listing_resume": DO,
    "admin:papers_listing_entry_edit": {"GET": OWN_ROW, "POST": of_admin_users(422, other=404)},
    "admin:papers_listing_entry_cut": DO_ENTRY,
    "admin:papers_listing_entry_agree": DO_ENTRY,
    "admin:papers_listing_entry_leave_out": DO_ENTRY,
    **model_pages("account_emailaddress", **OF_SUPERUSERS),
    **model_pages("mfa_authenticator", **OF_SUPERUSERS),
    **model_pages("django_tasks_database_dbtaskresult", **OF_SUPERUSERS),
}
# Task results are read-only for superusers, and the requested row does not exist.
TASKS = "admin:django_tasks_database_dbtaskresult"
ADMIN |= {
    f"{TASKS}_add": on_get_and_post(NOBODY),
    f"{TASKS}_delete": on_get_and_post(NOBODY),
    f"{TASKS}_change": {"GET": of_admin_users(403, superuser=302), "POST": NOBODY},
    f"{TASKS}_history": on_get_and_post(of_admin_users(302)),
}
# An empty upload is invalid.
ADMIN["admin:papers_listing_add"] = {"GET": ENTER, "POST": of_admin_users(422)}

# Addresses without a name: an id redirects to its change page, anything else is unknown.
ADMIN |= {
    f"admin/{model}/<path:object_id>/": on_get_and_post(of_admin_users(302))
    for model in [
        "papers/user",
        "papers/group",
        "papers/membership",
        "papers/topic",
        "papers/paper",
        "papers/listing",
        "account/emailaddress",
        "mfa/authenticator",
        "django_tasks_database/dbtaskresult",
    ]
}
ADMIN["admin/(?P<url>.*)$"] = on_get_and_post(of_admin_site(404))

TABLE = APP | ACCOUNTS | ADMIN

SOON = timezone.now() + timedelta(days=30)
MEETING = {"day": f"{SOON:%Y-%m-%d}", "hour": "16:00", "minutes": 60}
# The data of a valid POST.
DATA = {
    "paper-propose": {"title": "Proposed"},
    "paper-edit": {"title": "Ours, edited"},
    "paper-status": {"status": "discussed"},
    "paper-topics": {"topics": "Vision"},
    "paper-vote": {"stance": "want"},
    "paper-offer": {"can_present": "yes"},
    "paper-pin": {"pinned": "yes"},
    "paper-reading": {"state": "read"},
    "member-role": {"role": "organiser"},
    "invite-link": {"role": "member", "days": 7, "uses": 1},
    "invite-mail": {"role": "member", "days": 7, "addresses": "new@example.org"},
    "group-settings": {
        "name": "Renamed",
        "fairness_weight": 1,
        "fairness_meetings": 6,
        "meets_for": 60,
    },
    "preferences": {"theme": "dark"},
    "mail-choices": dict.fromkeys(MailKind.values, "off"),
    "feeds": {"what": "wanted"},
    "discussion-new": MEETING,
    "discussion-record": {"day": "2019-05-17", "hour": "16:00", "minutes": 60},
    "discussion-poll": {"day_1": MEETING["day"], "hour_1": "16:00", "minutes": 60},
    "discussion-write": {"papers": "PAPER", "closes_on": f"{SOON:%Y-%m-%d}"},
    "discussion-edit": MEETING,
    "discussion-add": {"paper": "PAPER"},
    "discussion-question": {"comment": "COMMENT", "answered": "yes"},
    "discussion-ask": {"paper": "PLANNED", "body": "How?"},
    "discussion-notes": {"notes": "A word.", "version": 0},
    "discussion-read-together": {"on": "yes"},
    "discussion-rsvp": {"answer": "coming"},
    "agenda-present": {"act": "take"},
    "agenda-hand-over": {"user": "USER"},
    "agenda-swap": {"item": "AGENDA"},
    "agenda-ask": {"user": "USER"},
    "agenda-move": {"direction": "up"},
    "agenda-minutes": {"minutes": 20},
    "paper-follow": {"follows": "yes"},
    "paper-comments": {"body": "A word."},
    "paper-comment-preview": {"body": "A word."},
    "comment-edit": {"body": "Another word."},
    "comment-remove": {"reason": "Off the point."},
    "comment-question": {"on": "yes"},
}
