"""The admin site. Outside the package ``papers.admin``, whose import registers with it."""

from django.contrib import admin


class ReadingGroupAdminSite(admin.AdminSite):
    """Superusers run the installation, organisers their own groups."""

    site_title = site_header = "Reading Group"
    index_title = "Administration"

    def has_permission(self, request):
        return may_enter(request.user)


def may_enter(user):
    """Whether ``user``, who may be anonymous (the login page asks), works in the admin."""
    return user.is_authenticated and user.may_enter_admin()
