"""How the account app does what is particular here: who may sign up, limits, mail, secrets."""

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
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from papers.models import Group
from papers.models.people import clean_address
from papers.notifications import encryption, outbox
from papers.security_log import log_event
from papers.services import joining


def may_sign_up(request, target):
    """With an invitation that still holds, or on the way to ask a group that lets people ask.

    ``target`` is the address that comes next, where there is one.
    """
    if joining.usable_opened_invitation(request.session):
        return True
    return Group.objects.filter(slug=_requested_group_slug(target), anyone_may_ask=True).exists()


def _requested_group_slug(target):
    """The slug of the group that the page ``target`` asks to join; "" where it is another page."""
    try:
        match = resolve((target or "").partition("?")[0])
    except Resolver404:
        return ""
    return match.kwargs["slug"] if match.url_name == "ask" else ""


SIGN_IN_KEY = "sign_in_begun"  # in the session: the hash that the password had then


class AccountAdapter(DefaultAccountAdapter):
    """Accounts for those who were invited, or ask a group that lets people ask."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The address or the password is wrong.",
        "incorrect_code": "This is not the code.",
        "incorrect_password": "This is not the password.",
        "enter_current_password": "This is not your password.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or set a new password.",
        "email_taken": "Another account has this address.",
        "account_inactive": "This account is off.",
    }

    def is_open_for_signup(self, request):
        return may_sign_up(request, get_next_redirect_url(request))

    def clean_email(self, email):
        return clean_address(super().clean_email(email))

    def is_email_verified(self, request, email):
        """An invitation that went to the address alone, and was opened, proves the address."""
        invitation = joining.usable_opened_invitation(request.session)
        return bool(
            invitation and invitation.was_mailed and invitation.email.lower() == email.lower()
        )

    def save_user(self, request, user, form, commit=True):
        """What our form asks besides; who comes from another site may not have seen it."""
        for field in ("name", "time_zone"):
            setattr(user, field, form.cleaned_data.get(field, getattr(user, field)))
        return super().save_user(request, user, form, commit)

    def generate_unique_username(self, txts, regex=None):
        """A handle of the name alone: the address is nobody's business."""
        name = next((text for text in txts if text and "@" not in text), "")
        return super().generate_unique_username([name, "reader"], regex)

    def populate_username(self, request, user):
        user.username = user.username or self.generate_unique_username([user.name])

    def pre_login(self, request, user, **kwargs):
        """Remember what was proved: where the password changes meanwhile, it counts no more."""
        request.session[SIGN_IN_KEY] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user):
        if request.session.pop(SIGN_IN_KEY, None) != user.get_session_auth_hash():
            messages.error(request, "The password has changed meanwhile: sign in again.")
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log_event("sign-in stopped: too many tries", request)
            raise

    def post_login(self, request, user, **kwargs):
        """Whoever opened an invitation is in the group once signed in."""
        response = super().post_login(request, user, **kwargs)
        invitation = joining.opened_invitation(request.session)
        if invitation is None:
            return response
        joined = joining.accept_invitation(invitation=invitation, by=user)
        if joined.problem:
            return redirect("join")  # which says why, and what to do
        joining.forget_invitation(request.session)
        self.add_message(request, messages.SUCCESS, message=joined.welcome)
        return redirect(invitation.group)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Whoever has just signed in has just shown who they are."""
        found = get_authentication_records(self.request, self.request.user)
        age = time.time() - found[-1]["at"] if found else float("inf")
        if age < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_password_change_redirect_url(self, request):
        return reverse("me")

    def send_mail(self, template_prefix, email, context):
        """As any other mail: queued, and sent by a worker."""
        message = self.render_mail(
            template_prefix, email, {"request": self.request, "email": email} | context
        )
        # What is no address has nobody to tell, and the page says nothing of it either.
        with suppress(ValidationError, ValueError):
            outbox.queue_mail(to=email, subject=message.subject, text=message.body)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Count tries by the account, however its address is spelt and whatever the host is.

        Databases compare addresses by rules of their own: "ſ" is an "s" to PostgreSQL.
        """
        login = credentials.get("email") or credentials.get("username") or ""
        return "login:" + unicodedata.normalize("NFKC", login).casefold().strip()


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are kept encrypted."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This is not the code.",
        "cannot_delete_authenticator": "Whoever runs a group needs it: add a passkey first.",
    }

    def encrypt(self, text):
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text):
        return encryption.decrypt(encrypted_text)

    def get_totp_label(self, user):
        return user.email

    def can_delete_authenticator(self, authenticator):
        """Where a second factor is required, one stays."""
        user = authenticator.user
        if not needs_second_factor(user):
            return True
        others = user.authenticator_set.exclude(pk=authenticator.pk)
        return others.exclude(type="recovery_codes").exists()


def needs_second_factor(user):
    """Whether ``user`` may act only with a second factor, by the settings of the installation."""
    return settings.REQUIRE_MFA and user.is_organiser_or_superuser()


if "allauth.socialaccount" in settings.INSTALLED_APPS:
    from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

    class SocialAccountAdapter(DefaultSocialAccountAdapter):
        """Signing in elsewhere opens no other door than signing up here does."""

        def is_open_for_signup(self, request, sociallogin):
            return may_sign_up(request, sociallogin.state.get("next"))

        def populate_user(self, request, sociallogin, data):
            user = super().populate_user(request, sociallogin, data)
            user.name = str(data.get("name") or "")[:100]
            for one in sociallogin.email_addresses:
                one.verified = one.verified is True  # some providers say "false"
            return user
