"""The start page."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from papers.models import Group


@require_safe
def home_page(request):
    """Redirect to the user's group; show a list if they have several, or none."""
    groups = (
        Group.objects.all()
        if request.user.is_superuser
        else Group.objects.with_member(request.user)
    )
    groups = groups[:100]
    if len(groups) == 1:
        return redirect(groups[0])
    return render(request, "papers/home.html", {"groups": groups})
