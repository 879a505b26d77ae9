"""Admin of papers: search, filters, and changes to many papers at once."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join

from papers.admin.scope import GroupScopedAdmin
from papers.forms import LONGEST_TOPIC, PaperForm
from papers.library import search
from papers.models import Group, Paper, Topic
from papers.models.keys import set_keys
from papers.models.papers import SAVED_WITH_TEXTS
from papers.services import publishing, status_and_topics


class TopicActionForm(ActionForm):
    """The action to take, and a topic for the actions that need one."""

    topic = forms.CharField(
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"placeholder": "topic, to add or remove one"}),
    )


@admin.register(Paper)
class PaperAdmin(GroupScopedAdmin):
    form = PaperForm
    action_form = TopicActionForm
    actions = ["mark_open", "mark_discussed", "mark_set_aside", "add_topic", "remove_topic"]
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

    def get_deleted_objects(self, objs, request):
        """Count the rows deleted as well, but do not show whose votes and comments they are."""
        _, *rest = super().get_deleted_objects(objs, request)
        return [str(paper) for paper in objs], *rest

    def view_on_site(self, paper):
        return paper.get_absolute_url()

    def get_fields(self, request, obj=None):
        text = ["title", "abstract", "arxiv_id", "doi", "link", "published_on", "author_count"]
        figures = ["upvotes", "comment_count", "captured_on"]
        return ["group", *text, *figures, "status", *(["topics", "came_from"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, *(["group"] if obj else [])]

    def get_search_results(self, request, queryset, search_term):
        """Search the full text in all groups that the user runs."""
        if not search_term.strip():
            return queryset, False
        return search.matching_papers_in_groups(
            queryset, self.organised_groups(request), search_term
        ), False

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "topics":
            paper = self._edited_paper(request)
            kwargs["queryset"] = Topic.objects.filter(group=paper.group_id if paper else None)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _edited_paper(self, request):
        pk = request.resolver_match.kwargs.get("object_id")
        return self.get_object(request, pk) if pk else None

    def save_model(self, request, obj, form, change):
        """Record that a person edited a text, so that no listing overwrites it."""
        obj.group.bump_papers_version()  # first, for its lock: no listing is applied meanwhile
        if change:
            _write_changes(obj, set(form.changed_data) - {"topics"})
        else:
            obj.title_edited = obj.abstract_edited = True
            set_keys(obj)
            obj.save()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        obj.group.bump_papers_version()

    def delete_queryset(self, request, queryset):
        groups = list(Group.objects.filter(papers__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        for group in groups:
            group.bump_papers_version()

    @admin.display(description="came from")
    def came_from(self, paper):
        entries = paper.entries.applied_to_papers().select_related("listing")
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
        by_hand = f"proposed by {paper.proposed_by}" if paper.proposed_by else "by hand"
        return format_html_join("", link, rows) or by_hand

    @admin.action(description="Status: open")
    def mark_open(self, request, queryset):
        self._set_status(request, queryset, Paper.Status.OPEN)

    @admin.action(description="Status: discussed")
    def mark_discussed(self, request, queryset):
        self._set_status(request, queryset, Paper.Status.DISCUSSED)

    @admin.action(description="Status: set aside")
    def mark_set_aside(self, request, queryset):
        self._set_status(request, queryset, Paper.Status.SET_ASIDE)

    def _set_status(self, request, queryset, status):
        number = status_and_topics.set_status(papers=queryset, status=status)
        papers = "1 paper is" if number == 1 else f"{number} papers are"
        self.message_user(request, f"{papers} {status.label.lower()} now.")

    @admin.action(description="Add the topic")
    def add_topic(self, request, queryset):
        if name := self._posted_topic(request):
            status_and_topics.add_topic(papers=queryset, name=name)
            self.message_user(request, f"The topic “{name}” was added.")

    @admin.action(description="Remove the topic")
    def remove_topic(self, request, queryset):
        if name := self._posted_topic(request):
            if status_and_topics.remove_topic(papers=queryset, name=name):
                self.message_user(request, f"The topic “{name}” was removed.")
            else:
                self.message_user(request, f"There is no topic “{name}”.", messages.ERROR)

    def _posted_topic(self, request):
        """The topic beside the action, whitespace folded; "" and a message if there is none."""
        name = " ".join(request.POST.get("topic", "").split())
        if not name or len(name) > LONGEST_TOPIC:
            self.message_user(request, "Name the topic beside the action.", messages.ERROR)
            return ""
        return name


def _write_changes(edited, names):
    """Save only the fields ``names``; others may have changed since the page was loaded."""
    paper = Paper.objects.get(pk=edited.pk)
    changed = {name for name in names if getattr(edited, name) != getattr(paper, name)}
    for name in changed:
        setattr(paper, name, getattr(edited, name))
    for text in changed & {"title", "abstract"}:
        setattr(paper, f"{text}_edited", True)
    set_keys(paper)
    paper.save(update_fields=[*changed, *SAVED_WITH_TEXTS])
    if "title" in changed:
        publishing.raise_for_titles([paper.pk])
