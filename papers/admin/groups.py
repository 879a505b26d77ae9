"""Admin of people, groups, memberships and topics."""

from allauth.usersessions.admin import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group as PermissionGroup
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from papers.admin.scope import GroupScopedAdmin, StrictChangeList
from papers.discussions.zone_change import Keep
from papers.forms import GroupAdminForm, TimeZoneField
from papers.models import Group, Membership, Topic, User
from papers.models.people import FORMER_MEMBER
from papers.services import group_settings, memberships, profiles

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

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "time_zone":
            return TimeZoneField(empty="Same as the group", help_text=db_field.help_text)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if "is_active" in form.changed_data and not obj.is_active:
            memberships.deactivate_account(user=obj)
        profiles.save_account(user=obj)

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


class PersonChoiceField(forms.ModelChoiceField):
    """A choice of the people who can become members. It needs no script."""

    def __init__(self, *args, **kwargs):
        people = User.objects.filter(is_active=True).exclude(username=FORMER_MEMBER)
        kwargs["queryset"] = people.order_by("name", "email")
        super().__init__(*args, **kwargs)

    def label_from_instance(self, person):
        return f"{person} <{person.email}>"


class MembershipInline(admin.TabularInline):
    """Adds people to a group; its links lead to `MembershipAdmin`, which changes the rest."""

    model = Membership
    fields = ["user", "role", "change_link"]
    readonly_fields = ["change_link"]
    extra = 1

    @admin.display(description="")
    def change_link(self, membership):
        if not membership.pk:
            return ""
        address = reverse("admin:papers_membership_change", args=[membership.pk])
        return format_html('<a href="{}">Change or end</a>', address)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "user":
            kwargs["form_class"] = PersonChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Group)
class GroupAdmin(GroupScopedAdmin):
    """Groups: superusers create them, organisers edit their own."""

    form = GroupAdminForm
    group_field = "pk"
    list_display = ["name", "slug", "time_zone", "place"]
    search_fields = ["name__folded_contains", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def organised_groups(self, request):
        return Group.objects.organised_by(request.user).values("pk")

    def get_fields(self, request, obj=None):
        """Ask what meetings keep in a new time zone only where a group has meetings."""
        fields = [name for name in super().get_fields(request, obj) if name != "keep"]
        if obj:
            fields.insert(fields.index("time_zone") + 1, "keep")
        return fields

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
            return
        group_settings.change_group(
            group=obj,
            by=request.user,
            fields=set(form.changed_data) - {"keep"},
            keep=form.cleaned_data.get("keep") or Keep.LOCAL_TIMES,
        )

    def get_inlines(self, request, obj):
        return [MembershipInline] if request.user.is_superuser else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_readonly_fields(self, request, obj=None):
        """Members hold on to the address."""
        return [] if request.user.is_superuser else ["slug"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "time_zone":
            return TimeZoneField(
                required=True, initial=db_field.default, help_text=db_field.help_text
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_formset(self, request, form, formset, change):
        """Add the members of `MembershipInline`."""
        for row in formset.save(commit=False):
            memberships.add_member(group=row.group, user=row.user, role=row.role, by=request.user)

    def changeform_view(self, request, *args, **kwargs):
        return _view_or_message(request, "group", super().changeform_view, *args, **kwargs)

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(Membership)
class MembershipAdmin(GroupScopedAdmin):
    """Memberships and roles. Superusers add members; organisers invite them."""

    list_display = ["user", "group", "role", "created_at"]
    list_filter = ["role", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["group", "user"]
    search_fields = ["user__name__folded_contains", "user__email__folded_contains"]
    fields = ["group", "user", "role"]
    actions = None

    def get_readonly_fields(self, request, obj=None):
        return ["group", "user", "created_at"] if obj else []

    def get_fields(self, request, obj=None):
        return [*self.fields, "created_at"] if obj else self.fields

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "user":
            kwargs["form_class"] = PersonChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request):
        """Only superusers see everybody's account."""
        return request.user.is_superuser

    def save_model(self, request, obj, form, change):
        if change:
            memberships.set_role(membership=obj, role=obj.role, by=request.user)
        else:
            added = memberships.add_member(
                group=obj.group, user=obj.user, role=obj.role, by=request.user
            )
            obj.pk = added.pk

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
