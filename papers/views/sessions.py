"""My sign-in sessions."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def sessions_page(request):
    """My live sessions; a POST ends all except this one."""
    live = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    mine = UserSession.objects.filter(user=request.user, session_key__in=live).order_by("-pk")
    others = mine.exclude(session_key=request.session.session_key)
    if request.method == "POST":
        Session.objects.filter(
            session_key__in=list(others.values_list("session_key", flat=True))
        ).delete()
        messages.success(request, "You are signed out everywhere else.")
        return redirect("usersessions_list")
    here = mine.filter(session_key=request.session.session_key).first()
    context = {"here": here, "others": others[:SHOWN]}
    return render(request, "usersessions/usersession_list.html", context)
