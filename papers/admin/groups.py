"""Admin of people, groups, memberships and topics."""

from allauth.usersessions.admin import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group as PermissionGroup
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from papers.admin.scope import GroupScopedAdmin, StrictChangeList
from papers.models import Group, Membership, Topic, User
from papers.models.people import FORMER_MEMBER
from papers.services import group_addresses, memberships

# Permissions follow from membership and role; permission groups have no effect.
for model in (PermissionGroup, UserSession):  # people see and end their own sessions
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """User accounts, for superusers only. New accounts come from invitations, not from here."""

    list_display = ["email", "name", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["name", "email", "time_zone"]}),
        ("Access", {"fields": ["is_active", "is_superuser", "last_login", "date_joined"]}),
    ]
    filter_horizontal = []
    search_fields = ["name__folded_contains", "email__folded_contains", "username"]
    ordering = ["email"]
    readonly_fields = ["email", "last_login", "date_joined"]  # only its owner can verify an address
    actions = None

    def has_add_permission(self, request):
        return False

    def save_model(self, request, obj, form, change):
        if "is_active" in form.changed_data and not obj.is_active:
            memberships.deactivate_account(user=obj)
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        memberships.delete_account(user=obj, keep_writings=True)

    def delete_view(self, request, *args, **kwargs):
        return _view_or_message(request, "user", super().delete_view, *args, **kwargs)

    def get_changelist(self, request, **kwargs):
        return StrictChangeList

    def has_delete_permission(self, request, obj=None):
        """Never delete the account that stands for all former members."""
        is_former = obj is not None and obj.username == FORMER_MEMBER
        return super().has_delete_permission(request, obj) and not is_former


class MembershipInline(admin.TabularInline):
    """Adds people to a group. Only ``MembershipAdmin``, which has the rules, changes roles."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Group)
class GroupAdmin(GroupScopedAdmin):
    """Groups: superusers create them, organisers edit their own."""

    group_field = "pk"
    list_display = ["name", "slug", "time_zone", "place"]
    search_fields = ["name__folded_contains", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def organised_groups(self, request):
        return Group.objects.organised_by(request.user).values("pk")

    def get_inlines(self, request, obj):
        return [MembershipInline] if request.user.is_superuser else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return [] if request.user.is_superuser else ["slug"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            group_addresses.record_former_slug(group=obj, slug=form.initial["slug"])

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(Membership)
class MembershipAdmin(GroupScopedAdmin):
    """Memberships and roles. New members come by invitation, not from here."""

    list_display = ["user", "group", "role", "created_at"]
    list_filter = ["role", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["group", "user"]
    search_fields = ["user__name__folded_contains", "user__email__folded_contains"]
    readonly_fields = ["group", "user", "created_at"]
    actions = None

    def has_add_permission(self, request):
        return False

    def save_model(self, request, obj, form, change):
        memberships.set_role(membership=obj, role=obj.role, by=request.user)

    def delete_model(self, request, obj):
        memberships.end_membership(membership=obj, by=request.user)

    def changeform_view(self, request, *args, **kwargs):
        return _view_or_message(request, "membership", super().changeform_view, *args, **kwargs)

    def delete_view(self, request, *args, **kwargs):
        return _view_or_message(request, "membership", super().delete_view, *args, **kwargs)


def _view_or_message(request, kind, view, *args, **kwargs):
    """The response of ``view``, or its ValidationError as a message: a group needs an organiser."""
    try:
        return view(request, *args, **kwargs)
    except ValidationError as error:
        messages.error(request, error.message)
        return redirect(f"admin:papers_{kind}_changelist")


@admin.register(Topic)
class TopicAdmin(GroupScopedAdmin):
    list_display = ["name", "group"]
    list_filter = [("group", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name__folded_contains"]

    def save_model(self, request, obj, form, change):
        obj.key = Topic.key_for(obj.name)
        if not obj.slug:
            obj.slug = Topic.unused_slug(obj.group, obj.name)
        super().save_model(request, obj, form, change)
        obj.group.bump_papers_version()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        obj.group.bump_papers_version()

    def delete_queryset(self, request, queryset):
        groups = list(Group.objects.filter(topics__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        for group in groups:
            group.bump_papers_version()

    def get_readonly_fields(self, request, obj=None):
        return ["group"] if obj else []
