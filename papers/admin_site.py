"""The admin site.

It is outside the package ``papers.admin``, which registers its models with this site on import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.utils import get_next_redirect_url
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from papers.models import User


class ReadingGroupAdminSite(admin.AdminSite):
    """The admin for superusers, and for organisers within their own groups."""

    site_title = site_header = "Reading Group"
    index_title = "Administration"

    def has_permission(self, request):
        return may_enter_admin(request.user)

    @login_not_required
    def login(self, request, extra_context=None):
        """Redirect to the sign-in page of the app, with its limits and its second factor."""
        target = get_next_redirect_url(request) or reverse("admin:index")
        if request.user.is_anonymous:
            return redirect_to_login(target)
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(target)

    def get_urls(self):
        """Leave out ``view_on_site``, which redirects from any id and so reveals the ids."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def password_change(self, request, extra_context=None):
        """Redirect to the page of the app, which limits the attempts."""
        return redirect("account_change_password")


def may_enter_admin(user: User | AnonymousUser) -> bool:
    """Whether ``user`` may use the admin. The login page asks this for anonymous users too."""
    return user.is_authenticated and user.is_organiser_or_superuser()
