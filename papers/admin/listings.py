"""Admin of listings: upload, preview, apply, take back."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from papers.admin import entries, import_preview
from papers.admin.scope import GroupScopedAdmin
from papers.discussions import times
from papers.forms import ReadAgainForm, UploadForm, post_data_and_files
from papers.models import Listing
from papers.services import importing
from papers.submit_once import submit_once

State = Listing.State
LONGEST_ID = 18  # digits; a database refuses more
RESUME_SECONDS = 5  # how long a request carries on an apply that no worker takes up


@admin.register(Listing)
class ListingAdmin(GroupScopedAdmin):
    list_display = ["name", "group", "captured_on", "state", "entry_count", "created_by"]
    list_display += ["uploaded_at"]
    list_filter = ["state", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["group", "created_by"]
    search_fields = ["name__folded_contains"]
    actions = None

    @admin.display(description="uploaded", ordering="created_at")
    def uploaded_at(self, listing):
        """When the listing was uploaded, in the time zone of its group."""
        zone = times.group_zone(listing.group)
        return f"{date_format(listing.created_at.astimezone(zone), 'j M Y, H:i')} ({zone})"

    def get_urls(self):
        acts = {
            "raw": self.download_raw,
            "again": require_POST(self.read_again),
            "apply": require_POST(self.apply_listing),
            "take-back": require_POST(self.take_back),
            "look-again": require_POST(self.restage_listing),
            "resume": require_POST(self.resume_work),
            "progress": self.progress_bar,
        }
        pages = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"papers_listing_{name.replace('-', '_')}",
            )
            for name, view in acts.items()
        ]
        return pages + entries.entry_urls(self) + super().get_urls()

    def has_delete_permission(self, request, obj=None):
        """Allow it only if no paper depends on the listing, so that no raw text is lost."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_deletable)

    @transaction.atomic
    def delete_model(self, request, obj):
        """Check again under the lock, since somebody may have applied it meanwhile."""
        _, listing = importing.lock_group_and_listing(obj.pk)
        if not listing.is_deletable:
            raise PermissionDenied
        super().delete_model(request, obj)

    def get_listing(self, request, pk):
        """The listing ``pk``. Raises Http404 unless the user runs its group."""
        return get_object_or_404(self.get_queryset(request).select_related("group"), pk=pk)

    def render_page(self, request, template, context, status=200):
        """Render a template of ours within the layout of the admin."""
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return render(request, f"admin/papers/listing/{template}.html", context, status=status)

    def add_view(self, request, form_url="", extra_context=None):
        """Upload: store the bytes first, then read them. A wrong date never loses the upload."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"group": request.GET.get("group")}
        form = UploadForm(
            *post_data_and_files(request), groups=self.organised_groups(request), initial=initial
        )
        if request.method != "POST":
            return self.render_page(request, "upload", {"form": form, "title": "Add a listing"})
        if not form.is_keepable():
            context = {"form": form, "title": "Add a listing"}
            return self.render_page(request, "upload", context, status=422)
        stored = []

        @submit_once
        def store(request):
            stored.extend(self._store_uploads(request, form))
            return redirect(listing_url(stored[0]))

        response = store(request)
        for listing in stored:  # not in the transaction that stores them, as it may take long
            importing.stage_listing(listing=listing)
        return response

    def _store_uploads(self, request, form):
        """Store the file, the text or both; return their listings."""
        listings = [
            importing.store_upload(
                raw=raw,
                group=form.cleaned_data["group"],
                name=name,
                captured_on=form.cleaned_data.get("captured_on"),
                by=request.user,
            )
            for name, raw in form.named_contents()
        ]
        for other in listings[1:]:
            messages.info(request, f"The text is kept too, as the listing “{other}”.")
        return listings

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Preview: show the entries that were read, and what applying them would do or did."""
        if not object_id.isdecimal() or len(object_id) > LONGEST_ID:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        listing = self.get_listing(request, object_id)
        is_stale = listing.compared_version != listing.group.papers_version
        if listing.state == State.STAGED and is_stale:
            importing.compare_entries(listing=listing)
        page = import_preview.ImportPreview(listing, request.GET)
        context = {
            "listing": listing,
            "title": listing.name,
            "look": page,
            "zone": times.group_zone(listing.group),
            "progress": importing.progress_of(listing) if listing.is_busy else None,
            "form": ReadAgainForm(initial={"captured_on": listing.captured_on}),
            "excerpt": import_preview.raw_excerpt(listing)
            if listing.state == State.UPLOADED
            else "",
            "may_delete": self.has_delete_permission(request, listing),
        }
        return self.render_page(request, "look", context)

    def download_raw(self, request, pk):
        """Download the uploaded bytes unchanged, to keep or repair them."""
        listing = self.get_listing(request, pk)
        response = HttpResponse(listing.raw_bytes, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="listing-{pk}.txt"'
        return response

    def read_again(self, request, pk):
        """Read a stored text again, with another capture date."""
        listing = self.get_listing(request, pk)
        form = ReadAgainForm(request.POST)
        if not form.is_valid():
            messages.error(request, f"Captured on: {' '.join(form.errors['captured_on'])}")
        else:
            listing.captured_on = form.cleaned_data["captured_on"]
            if not importing.stage_listing(listing=listing):
                messages.error(request, "This listing is applied. Take it back first.")
        return redirect(listing_url(listing))

    def apply_listing(self, request, pk):
        """Queue the listing for a worker; the page shows its progress."""
        return self._start_work(request, pk, State.APPLYING)

    def take_back(self, request, pk):
        return self._start_work(request, pk, State.TAKING_BACK)

    def _start_work(self, request, pk, state):
        listing = self.get_listing(request, pk)
        if not importing.start_work(listing=listing, state=state):
            messages.warning(request, "This has already been done, perhaps in another window.")
        return redirect(listing_url(listing))

    def restage_listing(self, request, pk):
        """Stage a listing again after a take-back; it keeps the earlier corrections."""
        listing = self.get_listing(request, pk)
        importing.restage_listing(listing=listing)
        return redirect(listing_url(listing))

    def resume_work(self, request, pk):
        """Resume an apply or a take-back after an interruption."""
        listing = self.get_listing(request, pk)
        importing.resume_work(listing=listing, seconds=RESUME_SECONDS)
        return redirect(listing_url(listing))

    def progress_bar(self, request, pk):
        """Render the progress bar; once the work is done, have htmx reload the page."""
        listing = self.get_listing(request, pk)
        context = {"listing": listing, "progress": importing.progress_of(listing)}
        response = self.render_page(request, "_progress", context)
        if not listing.is_busy:
            response.headers["HX-Refresh"] = "true"
        return response


def listing_url(listing: Listing) -> str:
    return reverse("admin:papers_listing_change", args=[listing.pk])
