"""The start page, and the icon of the site."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
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


@login_not_required
@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request):
    """Redirect to the icon: browsers ask for this address where no page names another."""
    return redirect(static("papers/favicon.svg"))
