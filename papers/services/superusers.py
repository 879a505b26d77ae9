"""Creating superusers, from the command line."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import transaction

from papers.models import User
from papers.security_log import log_on_commit


@transaction.atomic
def create_superuser(*, email: str, name: str, password: str | None) -> User:
    """Create a superuser; without ``password`` they sign in with a mailed code.

    The address counts as verified, so that the first sign-in needs no mail: whoever may run
    commands here could read that mail anyway. Their handle is made from the name.
    """
    user = User(
        username=get_adapter().generate_unique_username([name]),
        email=email,
        name=name,
        is_superuser=True,
        is_staff=True,
    )
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    log_on_commit("superuser created", user=user.pk)
    return user
