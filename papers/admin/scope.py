"""Base classes of the admin, which limit people to the groups they run."""

import re

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.utils.decorators import method_decorator

from papers.admin_site import may_enter_admin
from papers.models import Group
from papers.submit_once import submit_once


class StrictChangeList(ChangeList):
    """A list that accepts only its own filters in the query string.

    Django accepts any lookup of any column, and many of these raise errors in the database.
    """

    def get_filters(self, request):
        filters = super().get_filters(request)
        _, _, not_asked, *_ = filters
        if not_asked:
            raise IncorrectLookupParameters
        return filters


class GroupScopedAdmin(admin.ModelAdmin):
    """Admin of a model whose rows belong to groups: people see those of the groups they run.

    Only superusers and organisers reach the admin. Rows and choices in forms are limited to their
    groups, so a permission for the model covers those rows only.
    """

    group_field = "group"
    view_on_site = False

    def organised_groups(self, request):
        return Group.objects.organised_by(request.user)

    @method_decorator(submit_once)
    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(request, form_url, extra_context)

    def get_changelist(self, request, **kwargs):
        return StrictChangeList

    def response_action(self, request, queryset):
        """Refuse ids that are not numbers."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if all(re.fullmatch(r"[0-9]{1,18}", pk, re.ASCII) for pk in chosen):
            return super().response_action(request, queryset)
        self.message_user(request, "Choose what to change from the list.", messages.ERROR)
        return None

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.group_field}__in": self.organised_groups(request)})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "group":
            kwargs["queryset"] = self.organised_groups(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request):
        return may_enter_admin(request.user)

    def has_view_permission(self, request, obj=None):
        return self._may_access(request, obj)

    def has_add_permission(self, request):
        return may_enter_admin(request.user)

    def has_change_permission(self, request, obj=None):
        return self._may_access(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_access(request, obj)

    def _may_access(self, request, obj):
        """Refuse a row of another group, should one ever be reached."""
        if obj is None:
            return may_enter_admin(request.user)
        return self.get_queryset(request).filter(pk=obj.pk).exists()
