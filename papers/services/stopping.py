"""The address in each mail that ends mails of its kind: one click, nobody signs in (RFC 8058)."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from papers.models import Kind, User

DIGEST = "digest"  # all that is in the digest, whatever kinds these are
KINDS = {kind.value: kind.label for kind in Kind} | {DIGEST: "The daily digest"}
# It holds as long as the mail is kept somewhere.
signer = Signer(salt="papers.mail-stop", sep=".")


def token(user, kind):
    """What stands for ``user`` and ``kind`` in the address."""
    return signer.sign(f"{user.pk}-{kind}")


def read(text):
    """The user and the kind of a token; None where it was not made here, or the user is gone."""
    try:
        pk, _, kind = signer.unsign(text).partition("-")
    except BadSignature:
        return None
    user = User.objects.filter(pk=pk).first()
    return (user, kind) if user and kind in KINDS else None


def headers(user, kind):
    """The headers that mail programs make a button of."""
    address = settings.BASE_URL + reverse("mail-stop", args=[token(user, kind)])
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def masked(user):
    """The name of ``user`` for a page that anybody with the link may see: "A…"."""
    return f"{str(user)[0]}…"
