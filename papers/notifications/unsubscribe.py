"""The address in each mail that ends mails of its kind: one click, nobody signs in (RFC 8058)."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from papers.models import MailKind, User

DIGEST = "digest"  # all that is in the digest, whatever kinds these are
KIND_LABELS = {kind.value: kind.label for kind in MailKind} | {DIGEST: "The daily digest"}
# It holds as long as the mail is kept somewhere.
signer = Signer(salt="papers.mail-stop", sep=".")


def token_for(user, kind):
    """What stands for ``user`` and ``kind`` in the address."""
    return signer.sign(f"{user.pk}-{kind}")


def read_token(text):
    """The user and the kind of a token; None where it was not made here, or the user is gone."""
    try:
        pk, _, kind = signer.unsign(text).partition("-")
    except BadSignature:
        return None
    user = User.objects.filter(pk=pk).first()
    return (user, kind) if user and kind in KIND_LABELS else None


def mail_headers(user, kind):
    """The headers that mail programs make a button of."""
    address = settings.BASE_URL + reverse("mail-stop", args=[token_for(user, kind)])
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def masked_name(user):
    """The name of ``user`` for a page that anybody with the link may see: "A…"."""
    return f"{str(user)[0]}…"
