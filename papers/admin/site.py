"""The admin site: superusers run the installation, organisers their own groups."""

from django.contrib import admin


class ReadingGroupAdminSite(admin.AdminSite):
    site_title = site_header = "Reading Group"
    index_title = "Administration"

    def has_permission(self, request):
        user = request.user
        return user.is_authenticated and user.may_enter_admin()
