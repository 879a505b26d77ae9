"""The admin site. Outside the package ``papers.admin``, whose import registers with it."""

from allauth.account.utils import get_next_redirect_url
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse


class ReadingGroupAdminSite(admin.AdminSite):
    """Superusers run the installation, organisers their own groups."""

    site_title = site_header = "Reading Group"
    index_title = "Administration"

    def has_permission(self, request):
        return may_enter_admin(request.user)

    @login_not_required
    def login(self, request, extra_context=None):
        """Through the one door there is, with its limits and its second factor."""
        target = get_next_redirect_url(request) or reverse("admin:index")
        if request.user.is_anonymous:
            return redirect_to_login(target)
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(target)

    def get_urls(self):
        """Without the one that leads from any id to its page: it tells that there is one."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def password_change(self, request, extra_context=None):
        """Where tries are counted."""
        return redirect("account_change_password")


def may_enter_admin(user):
    """Whether ``user``, who may be anonymous (the login page asks), works in the admin."""
    return user.is_authenticated and user.is_organiser_or_superuser()
