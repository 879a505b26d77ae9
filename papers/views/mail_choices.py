"""Mail preferences, and the unsubscribe link of each mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from papers.forms import MailChoicesForm, post_data
from papers.notifications import fan_out, unsubscribe


@require_http_methods(["GET", "HEAD", "POST"])
def choices_page(request):
    """Choose the delivery of each kind of mail: at once, in the daily digest, or never."""
    form = MailChoicesForm(post_data(request), ways=fan_out.delivery_choices(request.user))
    if form.is_valid():
        fan_out.set_deliveries(user=request.user, ways=form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("mail-choices")
    status = 422 if form.errors else 200
    return render(request, "account/mail.html", {"form": form}, status=status)


@csrf_exempt  # mail programs post it (RFC 8058); the link is all the permission needed
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request, token):
    """Unsubscribe from one kind of mail, after confirmation; doing so twice does no harm."""
    found = unsubscribe.read_token(token)
    if found is None:
        raise Http404
    user, kind = found
    is_done = request.method == "POST"
    if is_done:
        fan_out.stop_mails(user=user, kind=kind)
    context = {
        "kind": unsubscribe.KIND_LABELS[kind],
        "whom": unsubscribe.masked_name(user),
        "is_done": is_done,
    }
    return render(request, "account/mail_stop.html", context)
