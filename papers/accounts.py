"""Adapters for allauth: who may sign up, limits on attempts, mail, and secrets."""

import time
import unicodedata
from contextlib import suppress

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from papers.discussions import times
from papers.models import Group, User
from papers.models.people import clean_address
from papers.notifications import encryption, outbox
from papers.security_log import log_event
from papers.services import joining


def may_sign_up(request: HttpRequest, target: str | None) -> bool:
    """Whether the visitor has a valid invitation, or is about to ask to join an open group.

    ``target`` is the address that follows the sign-up, if there is one.
    """
    if joining.usable_opened_invitation(request.session):
        return True
    return Group.objects.filter(slug=_requested_group_slug(target), anyone_may_ask=True).exists()


def _requested_group_slug(target: str | None) -> str:
    """The slug of the group if ``target`` is its page for asking to join, otherwise ""."""
    try:
        match = resolve((target or "").partition("?")[0])
    except Resolver404:
        return ""
    return match.kwargs["slug"] if match.url_name == "ask" else ""


SIGN_IN_KEY = "sign_in_begun"  # session key of the password hash at the start of a sign-in


class AccountAdapter(DefaultAccountAdapter):
    """Limits sign-up to people who were invited or who ask to join an open group."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is wrong.",
        "incorrect_code": "This code is wrong.",
        "incorrect_password": "This password is wrong.",
        "enter_current_password": "This password is wrong.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, or reset your password.",
        "email_taken": "Another account has this address.",
        "account_inactive": "This account is deactivated.",
    }

    def is_open_for_signup(self, request):
        return may_sign_up(request, get_next_redirect_url(request))

    def clean_email(self, email):
        return clean_address(super().clean_email(email))

    def is_email_verified(self, request, email):
        """Whether the visitor opened an invitation that was mailed to this address only."""
        invitation = joining.usable_opened_invitation(request.session)
        return bool(
            invitation and invitation.was_mailed and invitation.email.lower() == email.lower()
        )

    def save_user(self, request, user, form, commit=True):
        """Save the fields our form adds. A sign-up through another site may lack the form."""
        for field in ("name", "time_zone"):
            setattr(user, field, form.cleaned_data.get(field, getattr(user, field)))
        return super().save_user(request, user, form, commit)

    def generate_unique_username(self, txts, regex=None):
        """A handle made from the name only, since handles are public and addresses are not."""
        name = next((text for text in txts if text and "@" not in text), "")
        return super().generate_unique_username([name, "reader"], regex)

    def populate_username(self, request, user):
        user.username = user.username or self.generate_unique_username([user.name])

    def pre_login(self, request, user, **kwargs):
        """Remember the password hash, so that `login` refuses if the password has changed."""
        request.session[SIGN_IN_KEY] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user):
        if request.session.pop(SIGN_IN_KEY, None) != user.get_session_auth_hash():
            messages.error(request, "Your password was changed meanwhile. Please sign in again.")
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log_event("sign-in stopped: too many tries", request)
            raise

    def post_login(self, request, user, **kwargs):
        """Accept the invitation that the user opened before signing in."""
        response = super().post_login(request, user, **kwargs)
        invitation = joining.opened_invitation(request.session)
        if invitation is None:
            return response
        joined = joining.accept_invitation(invitation=invitation, by=user)
        if joined.problem:
            return redirect("join")  # it explains the problem
        joining.forget_invitation(request.session)
        self.add_message(request, messages.SUCCESS, message=joined.welcome)
        return redirect(invitation.group)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Count a recent sign-in as a reauthentication."""
        records = get_authentication_records(self.request, self.request.user)
        age = time.time() - records[-1]["at"] if records else float("inf")
        if age < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_password_change_redirect_url(self, request):
        return reverse("me")

    def send_notification_mail(self, template_prefix, user, *args, **kwargs):
        """Write the hour in the reader's time zone: they may be signing in only now."""
        with timezone.override(times.reader_zone(user)):
            super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def send_mail(self, template_prefix, email, context):
        """Queue the mail for a worker, like all others."""
        message = self.render_mail(
            template_prefix, email, {"request": self.request, "email": email} | context
        )
        # An invalid address has no recipient, and the page does not reveal that either.
        with suppress(ValidationError, ValueError):
            outbox.queue_mail(to=email, subject=message.subject, text=message.body)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Count attempts by account, for any spelling of its address and any client host.

        Databases have their own rules for comparing addresses: PostgreSQL treats "ſ" as "s".
        """
        login = credentials.get("email") or credentials.get("username") or ""
        return "login:" + unicodedata.normalize("NFKC", login).casefold().strip()


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of second factors in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong.",
        "cannot_delete_authenticator": "Organisers need a second factor. Add a passkey first.",
    }

    def encrypt(self, text):
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text):
        return encryption.decrypt(encrypted_text)

    def get_totp_label(self, user):
        return user.email

    def can_delete_authenticator(self, authenticator):
        """Keep the last second factor of a user who needs one. Recovery codes do not count."""
        user = authenticator.user
        if not needs_second_factor(user):
            return True
        others = user.authenticator_set.exclude(pk=authenticator.pk)
        return others.exclude(type="recovery_codes").exists()


def needs_second_factor(user: User) -> bool:
    """Whether the installation requires a second factor of ``user``."""
    return settings.REQUIRE_MFA and user.is_organiser_or_superuser()


if "allauth.socialaccount" in settings.INSTALLED_APPS:
    from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

    class SocialAccountAdapter(DefaultSocialAccountAdapter):
        """Applies the same limits to sign-ups through another site."""

        def is_open_for_signup(self, request, sociallogin):
            return may_sign_up(request, sociallogin.state.get("next"))

        def populate_user(self, request, sociallogin, data):
            user = super().populate_user(request, sociallogin, data)
            user.name = str(data.get("name") or "")[:100]
            for address in sociallogin.email_addresses:
                address.verified = address.verified is True  # some providers say "false"
            return user
