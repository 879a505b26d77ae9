"""What all pages of the admin have in common: everybody sees the groups they run."""

from django.contrib import admin

from papers.admin_site import may_enter
from papers.models import Group


class OfGroups(admin.ModelAdmin):
    """The admin of something that groups have: everybody sees that of the groups they run.

    Who reaches the admin at all is a superuser or an organiser; the rows, and the choices in
    forms, are limited to their groups, so a right on the kind of thing is a right on those alone.
    """

    group_field = "group"

    def groups(self, request):
        return Group.objects.organised_by(request.user)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.group_field}__in": self.groups(request)})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "group":
            kwargs["queryset"] = self.groups(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request):
        return may_enter(request.user)

    def has_view_permission(self, request, obj=None):
        return self._may(request, obj)

    def has_add_permission(self, request):
        return may_enter(request.user)

    def has_change_permission(self, request, obj=None):
        return self._may(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may(request, obj)

    def _may(self, request, obj):
        """Fail closed for a row of another group, should one ever be reached."""
        if obj is None:
            return may_enter(request.user)
        return self.get_queryset(request).filter(pk=obj.pk).exists()
