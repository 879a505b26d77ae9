"""Who may do what: every address, each method, and what it answers to whom. The table is the law.

``login`` is the redirect to the page where one signs in. What a person may not know about answers
404, what they may not do 403. A stranger is a member of another group alone, an other organiser
runs another group, and who is deactivated organised the group and has a session from then.
"""

from datetime import timedelta

from django.utils import timezone

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
    """Strangers are all the same, and superusers organisers of all, unless said otherwise."""
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
    """What everybody who is signed in has for themselves."""
    return row("login", status, status, status)


ALL = of_everybody(200)
NO_METHOD = of_everybody(405)
NOT_SO = of_people(405)  # a method that is not there; who is not signed in learns not even that
POST_ONLY = NOT_SO

# What members do: a superuser who is none does it not.
JOIN_IN = {"GET": NOT_SO, "POST": row("login", 404, 302, 302, superuser=403)}
HEALTH = {"GET": ALL, "POST": NO_METHOD}
READ = {"GET": of_members(200), "POST": NOT_SO}
ACT = {"GET": POST_ONLY, "POST": of_organisers(302)}
OWN = {"GET": of_people(200), "POST": of_people(200)}  # a form that comes back, having got nothing
OWN_SURE = {"GET": of_people(302), "POST": of_people(302)}  # asks for the password again first
ENTRANCE = {"GET": row(200, 302, 302, 302), "POST": row(200, 302, 302, 302)}
# A step of signing in that nobody is in the middle of, or a switch that is off.
NO_STEP = {"GET": of_everybody(302), "POST": of_everybody(302)}
NO_FACTOR = {"GET": of_people(404), "POST": of_people(404)}  # nobody here has a second factor

APP = {
    # Home leads a person with one group there; a superuser has all groups.
    "home": {"GET": row("login", 302, 302, 302, superuser=200), "POST": NOT_SO},
    "healthz": HEALTH,
    "readyz": HEALTH,
    "outbox": {"GET": of_everybody(404), "POST": NO_METHOD},  # outside DEBUG
    "join": {"GET": of_everybody(410), "POST": of_everybody(410)},
    "join-forget": {"GET": NO_METHOD, "POST": of_everybody(302)},
    "join-link": {"GET": of_everybody(302), "POST": NO_METHOD},
    "me": {"GET": of_people(200), "POST": of_people(422)},
    "preferences": {"GET": NOT_SO, "POST": of_people(204)},
    "mail-choices": {"GET": of_people(200), "POST": of_people(302)},
    # A token that was not made here.
    "mail-stop": {"GET": of_everybody(404), "POST": of_everybody(404)},
    "my-data": {"GET": of_people(302), "POST": NOT_SO},
    "delete-account": OWN_SURE,
    "feeds": {"GET": of_people(200), "POST": of_people(302)},
    # The secret address is the member's: it is there for nobody else.
    "feed-revoke": {
        "GET": row("login", 404, 200, 404),
        "POST": row("login", 404, 302, 404),
    },
    # Nobody has the token: who has it needs no more than that.
    "feed-calendar": {"GET": of_everybody(404), "POST": NO_METHOD},
    "feed-news": {"GET": of_everybody(404), "POST": NO_METHOD},
    "group": READ,
    "group-settings": {"GET": of_organisers(200), "POST": of_organisers(302)},
    # The group lets nobody ask: only who is in it learns that it is there.
    "ask": {"GET": row(404, 404, 302, 302, superuser=404), "POST": NO_METHOD},
    "ask-send": {"GET": NOT_SO, "POST": row("login", 404, 302, 302, superuser=404)},
    "ask-withdraw": {"GET": NOT_SO, "POST": row("login", 404, 302, 302, superuser=404)},
    # A superuser is in no group, and leaves none.
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
    # The paper was proposed by the member, who may take it back, and the organiser may not.
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
        "GET": NOT_SO,
        "POST": row("login", 404, 200, 200, superuser=403),
    },
    # The comment is the member's own: the organiser may remove it, not change it.
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
    # A meeting of the organiser, in a group where members make none.
    "discussions": READ,
    "discussion-month": READ,
    "discussion": READ,
    "discussion-new": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-poll": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-poll-edit": {"GET": of_organisers(302), "POST": of_organisers(302)},  # is none
    "discussion-answer": JOIN_IN,
    "discussion-fix": ACT,
    "discussion-remind": ACT,
    "discussion-write": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-edit": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-cancel": {"GET": of_organisers(200), "POST": of_organisers(302)},
    "discussion-reinstate": ACT,
    "discussion-ics": READ,
    "discussion-add": ACT,
    "discussion-meeting": READ,
    "discussion-sheet": READ,
    # Nothing is to be asked at it, and it has not begun.
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
    "account_signup": ENTRANCE,  # a page that says: by invitation
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
    "mfa_index": {"GET": of_people(200), "POST": NOT_SO},
    "mfa_authenticate": NO_STEP,
    "mfa_reauthenticate": OWN_SURE,
    "mfa_activate_totp": OWN_SURE,
    "mfa_deactivate_totp": NO_FACTOR,
    "mfa_view_recovery_codes": {"GET": of_people(404), "POST": NOT_SO},
    "mfa_generate_recovery_codes": OWN_SURE,
    "mfa_download_recovery_codes": NO_FACTOR,
    "mfa_list_webauthn": {"GET": of_people(200), "POST": NOT_SO},
    "mfa_add_webauthn": OWN_SURE,
    "mfa_reauthenticate_webauthn": OWN_SURE,
    "mfa_remove_webauthn": OWN_SURE,
    "mfa_edit_webauthn": OWN_SURE,
    "mfa_login_webauthn": NO_STEP,
    "usersessions_list": {"GET": of_people(200), "POST": of_people(302)},
}


def admin(organiser, other=None, superuser=None):
    """Who does not work in the admin is sent to its door, which says 403, or leads to sign in."""
    other = organiser if other is None else other
    return row("login", "door", "door", organiser, other, superuser)


def frame(organiser):
    """The admin's own pages, which look for themselves who it is."""
    return row("door", "door", "door", organiser, other=organiser)


def both(answers):
    return {"GET": answers, "POST": answers}


ENTER = admin(200)  # everybody who comes into the admin at all: a list of their own rows
ROOT = admin(403, superuser=200)
NOBODY = admin(403)
OURS = admin(200, other=302)  # a page of Django's: a row one may not see leads home
OWN_ROW = admin(200, other=404)  # a page of ours, with a row of the group
DO = {"GET": admin(405), "POST": admin(302, other=404)}
DO_ENTRY = {"GET": admin(405, other=404), "POST": admin(302, other=404)}
FRAME_GET = {"GET": frame(200), "POST": frame(405)}
FRAME_MOVED = both(frame(302))


def kind(model, *, listed=ENTER, add=ENTER, change=OURS, delete=OURS, history=OURS):
    """The pages that Django has for each kind of row; sent nothing, a form comes back."""
    pages = {"changelist": listed, "add": add, "change": change, "delete": delete}
    return {
        f"admin:{model}_{page}": both(who) for page, who in (pages | {"history": history}).items()
    }


OF_SUPERUSERS = {"listed": ROOT, "add": ROOT, "change": ROOT, "delete": ROOT, "history": ROOT}

ADMIN = {
    "admin:index": both(frame(200)),
    "admin:app_list": both(frame(200)),
    "admin:login": both(row("login", 403, 403, 302, other=302)),
    "admin:logout": {
        "GET": row("door", 302, 302, 405, other=405),
        "POST": row("door", 302, 302, 302),
    },
    "admin:password_change": FRAME_MOVED,
    "admin:password_change_done": FRAME_GET,
    "admin:jsi18n": FRAME_GET,
    "admin:autocomplete": {"GET": frame(403), "POST": frame(405)},
    "admin:auth_user_password_change": both(ROOT),
    **kind("papers_user", **OF_SUPERUSERS | {"add": NOBODY}),
    **kind("papers_group", add=ROOT, delete=ROOT),
    **kind("papers_membership", add=NOBODY),
    **kind("papers_topic"),
    **kind("papers_paper"),
    **kind("papers_listing", change=OWN_ROW),
    "admin:papers_listing_raw": both(OWN_ROW),
    "admin:papers_listing_progress": both(OWN_ROW),
    "admin:papers_listing_again": DO,
    "admin:papers_listing_apply": DO,
    "admin:papers_listing_take_back": DO,
    "admin:papers_listing_look_again": DO,
    "admin:papers_listing_resume": DO,
    "admin:papers_listing_entry_edit": {"GET": OWN_ROW, "POST": admin(422, other=404)},
    "admin:papers_listing_entry_cut": DO_ENTRY,
    "admin:papers_listing_entry_agree": DO_ENTRY,
    "admin:papers_listing_entry_leave_out": DO_ENTRY,
    **kind("account_emailaddress", **OF_SUPERUSERS),
    **kind("mfa_authenticator", **OF_SUPERUSERS),
    **kind("django_tasks_database_dbtaskresult", **OF_SUPERUSERS),
}
# Results of the worker: superusers look, and there is no row of the id that was asked for.
TASKS = "admin:django_tasks_database_dbtaskresult"
ADMIN |= {
    f"{TASKS}_add": both(NOBODY),
    f"{TASKS}_delete": both(NOBODY),
    f"{TASKS}_change": {"GET": admin(403, superuser=302), "POST": NOBODY},
    f"{TASKS}_history": both(admin(302)),
}
# An upload that brings nothing is told so.
ADMIN["admin:papers_listing_add"] = {"GET": ENTER, "POST": admin(422)}

# Addresses without a name: an id leads to its page of changes, and anything else nowhere.
ADMIN |= {
    f"admin/{model}/<path:object_id>/": both(admin(302))
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
ADMIN["admin/(?P<url>.*)$"] = both(frame(404))

TABLE = APP | ACCOUNTS | ADMIN

SOON = timezone.now() + timedelta(days=30)
MEETING = {"day": f"{SOON:%Y-%m-%d}", "hour": "16:00", "minutes": 60}
# What a POST needs to be valid.
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
    "mail-choices": dict.fromkeys(("poll", "unanswered", "date", "day", "hour", "outcomes"), "off"),
    "feeds": {"what": "wanted"},
    "discussion-new": MEETING,
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
