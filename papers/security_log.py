"""The security log: sign-ins, refusals and changes.

It never holds a password, code, token or e-mail address. A user is logged by id, and a failed
sign-in by a keyed hash of the typed address, which is the same each time.
"""

import logging
from contextlib import suppress
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

log = logging.getLogger(__name__)


def log_event(event: str, request: HttpRequest | None = None, **fields: Any) -> None:
    """Log ``event`` with ``fields``, and with the user and the client address.

    Services have no request; the current one then comes from allauth.
    """
    from allauth.core import context

    log.info(event, extra={"fields": _actor_fields(request or context.request) | fields})


def log_on_commit(event: str, **fields: Any) -> None:
    """Call `log_event` once the current transaction is committed."""
    transaction.on_commit(partial(log_event, event, **fields), robust=True)


def _actor_fields(request: HttpRequest | None) -> dict[str, Any]:
    """The id of the user, and the address of the client, as far as they are known."""
    from allauth.account.adapter import get_adapter

    fields = {}
    if request is None:
        return fields
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        fields["user"] = user.pk
    # A socket has no client address, and a strange proxy sends too few: log the event without it.
    with suppress(PermissionDenied, ImproperlyConfigured):
        fields["ip"] = get_adapter().get_client_ip(request)
    return fields


def connect_signals() -> None:
    """Log what allauth does."""
    from allauth.account import signals as account
    from allauth.mfa import signals as mfa
    from django.contrib.auth import signals as auth

    events = {
        "signed up": account.user_signed_up,
        "sign-in step passed": account.authentication_step_completed,
        "signed in": auth.user_logged_in,
        "signed out": auth.user_logged_out,
        "password set": account.password_set,
        "password changed": account.password_changed,
        "password reset": account.password_reset,
        "address changed": account.email_changed,
        "sign-in code refused": account.login_code_rejected,
        "reset code refused": account.password_reset_code_rejected,
        "address code refused": account.email_verification_code_rejected,
        "second factor added": mfa.authenticator_added,
        "second factor removed": mfa.authenticator_removed,
        "second factor made anew": mfa.authenticator_reset,
        "second factor refused": mfa.authentication_failed,
    }
    for event, signal in events.items():
        signal.connect(partial(_log_signal, event), weak=False, dispatch_uid=f"tell {event}")
    auth.user_login_failed.connect(_log_failed_login, dispatch_uid="tell sign-in failed")


def _log_signal(event, *, request=None, user=None, authenticator=None, method="", **_):
    fields = {"user": getattr(user, "pk", None), "kind": getattr(authenticator, "type", method)}
    log_event(event, request, **{name: value for name, value in fields.items() if value})


def _log_failed_login(*, credentials, request=None, **_):
    typed = str(credentials.get("email") or credentials.get("username") or "")
    log_event("sign-in failed", request, typed=_hash_login(typed))


def _hash_login(typed):
    return salted_hmac("papers.events", typed.strip().casefold()).hexdigest()[:12]
