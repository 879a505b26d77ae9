"""Who may do what: every address of the app outside the admin, by its name in the URLconf.

For each: the method, and what anonymous, stranger, member, organiser and superuser get. ``login``
is the redirect to the login page; a stranger is a member of another group alone.
"""

WHO = ("anonymous", "stranger", "member", "organiser", "superuser")

ALL = (200,) * 5
MEMBERS = ("login", 404, 200, 200, 200)
MOVED = ("login", 404, 302, 302, 302)
ORGANISERS = ("login", 404, 403, 302, 302)
NOT_SO = ("login", 405, 405, 405, 405)

TABLE = {
    # Home leads a person with one group there; a superuser has all groups.
    "home": {"GET": ("login", 302, 302, 302, 200), "POST": NOT_SO},
    "healthz": {"GET": ALL, "POST": (405,) * 5},
    "readyz": {"GET": ALL, "POST": (405,) * 5},
    "login": {"GET": (200, 302, 302, 302, 302), "POST": (200, 302, 302, 302, 302)},
    "logout": {"GET": NOT_SO, "POST": ("login", 302, 302, 302, 302)},
    "group": {"GET": MOVED, "POST": NOT_SO},
    "papers": {"GET": MEMBERS, "POST": NOT_SO},
    "paper": {"GET": MEMBERS, "POST": NOT_SO},
    "paper-bibtex": {"GET": MEMBERS, "POST": NOT_SO},
    "paper-status": {"GET": NOT_SO, "POST": ORGANISERS},
    "paper-topics": {"GET": NOT_SO, "POST": ORGANISERS},
}

# What a POST needs to be valid.
DATA = {"paper-status": {"status": "discussed"}, "paper-topics": {"topics": "Vision"}}

# Namespaces whose addresses have tables of their own.
ELSEWHERE = {"admin"}
