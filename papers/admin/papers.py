"""Papers in the admin: search, filters, and changes to many at once."""

from functools import reduce
from operator import or_

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join

from papers import search
from papers.admin.scope import OfGroups
from papers.forms import PaperForm
from papers.models import Group, Paper, Topic
from papers.services.importing.matching import set_keys


class TopicActionForm(ActionForm):
    """The action to take, and the topic where it is about one."""

    topic = forms.CharField(
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"placeholder": "topic, to add or remove one"}),
    )


@admin.register(Paper)
class PaperAdmin(OfGroups):
    form = PaperForm
    action_form = TopicActionForm
    actions = ["open", "discussed", "set_aside", "add_topic", "remove_topic"]
    list_display = ["title", "group", "status", "upvotes", "published_on"]
    list_filter = [
        "status",
        ("group", admin.RelatedOnlyFieldListFilter),
        ("topics", admin.RelatedOnlyFieldListFilter),
        "published_on",
    ]
    list_select_related = ["group"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["title"]
    search_help_text = "Words of title or abstract; the last may be the beginning of one."
    filter_horizontal = ["topics"]
    readonly_fields = ["captured_on", "came_from"]

    def get_fields(self, request, obj=None):
        text = ["title", "abstract", "arxiv_id", "doi", "published_on", "author_count"]
        figures = ["upvotes", "comment_count", "captured_on"]
        return ["group", *text, *figures, "status", *(["topics", "came_from"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, *(["group"] if obj else [])]

    def get_search_results(self, request, queryset, search_term):
        """Full-text search in each of the groups that the user runs."""
        if not search_term.strip():
            return queryset, False
        found = [search.matching(queryset, g, search_term) for g in self.groups(request)[:50]]
        return reduce(or_, found, queryset.none()), False

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "topics":
            paper = self._paper(request)
            kwargs["queryset"] = Topic.objects.filter(group=paper.group_id if paper else None)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _paper(self, request):
        pk = request.resolver_match.kwargs.get("object_id")
        return self.get_object(request, pk) if pk else None

    def save_model(self, request, obj, form, change):
        """Keep in mind that a person edited the text: no listing overwrites it then."""
        if change:
            obj.title_edited = obj.title_edited or "title" in form.changed_data
            obj.abstract_edited = obj.abstract_edited or "abstract" in form.changed_data
        else:
            obj.title_edited = obj.abstract_edited = True
        set_keys(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.instance.group.papers_changed()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        obj.group.papers_changed()

    def delete_queryset(self, request, queryset):
        groups = _groups_of(queryset)
        super().delete_queryset(request, queryset)
        _say_changed(groups)

    @admin.display(description="came from")
    def came_from(self, paper):
        entries = paper.entries.exclude(outcome="").select_related("listing")
        rows = [
            (
                reverse("admin:papers_listing_change", args=[entry.listing_id]),
                entry.listing.name,
                entry.line,
                date_format(entry.listing.captured_on, "j M Y"),
            )
            for entry in entries
        ]
        link = '<div><a href="{}">{}</a>, line {}, captured {}</div>'
        return format_html_join("", link, rows) or "by hand"

    @admin.action(description="Status: open")
    def open(self, request, queryset):
        self._set_status(request, queryset, Paper.Status.OPEN)

    @admin.action(description="Status: discussed")
    def discussed(self, request, queryset):
        self._set_status(request, queryset, Paper.Status.DISCUSSED)

    @admin.action(description="Status: set aside")
    def set_aside(self, request, queryset):
        self._set_status(request, queryset, Paper.Status.SET_ASIDE)

    def _set_status(self, request, queryset, status):
        groups = _groups_of(queryset)
        number = Paper.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))).update(
            status=status
        )
        _say_changed(groups)
        self.message_user(request, f"{number} papers are {status.label.lower()} now.")

    @admin.action(description="Add the topic")
    def add_topic(self, request, queryset):
        self._with_topic(request, queryset, lambda topic, papers: topic.papers.add(*papers))

    @admin.action(description="Remove the topic")
    def remove_topic(self, request, queryset):
        self._with_topic(request, queryset, lambda topic, papers: topic.papers.remove(*papers))

    def _with_topic(self, request, queryset, act):
        name = request.POST.get("topic", "").strip()
        if not name or len(name) > 50:
            self.message_user(request, "Name the topic beside the action.", messages.ERROR)
            return
        papers, groups = list(queryset.only("pk", "group_id")), _groups_of(queryset)
        for group in groups:
            act(Topic.named(group, name), [p for p in papers if p.group_id == group.pk])
        _say_changed(groups)
        self.message_user(request, f"{len(papers)} papers: done with the topic “{name}”.")


def _groups_of(papers):
    return list(Group.objects.filter(pk__in=papers.order_by().values("group")))


def _say_changed(groups):
    for group in groups:
        group.papers_changed()
