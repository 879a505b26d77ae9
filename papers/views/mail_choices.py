"""Which mails I get; and the link in each of them that ends mails of its kind."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from papers.forms import MailChoicesForm, sent
from papers.services import stopping, telling


@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request):
    """For each kind of mail: at once, in the daily digest, or never."""
    form = MailChoicesForm(sent(request), ways=telling.ways_of(request.user))
    if form.is_valid():
        telling.choose(user=request.user, ways=form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("mail-choices")
    status = 422 if form.errors else 200
    return render(request, "account/mail.html", {"form": form}, status=status)


@csrf_exempt  # mail programs post it (RFC 8058), and whoever has the link may
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request, token):
    """No more mails of one kind: a page that asks, and the act, which may come twice."""
    found = stopping.read(token)
    if found is None:
        raise Http404
    user, kind = found
    is_done = request.method == "POST"
    if is_done:
        telling.stop(user=user, kind=kind)
    context = {"kind": stopping.KINDS[kind], "whom": stopping.masked(user), "is_done": is_done}
    return render(request, "account/mail_stop.html", context)
