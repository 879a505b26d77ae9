"""The link in each mail that ends mails of its kind: one click, without signing in (RFC 8058)."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from papers.models import MailKind, User

DIGEST = "digest"  # all kinds that the reader gets in the digest
KIND_LABELS = {kind.value: str(kind.label) for kind in MailKind} | {DIGEST: "The daily digest"}
# Without an expiry: a mail may be kept for years.
signer = Signer(salt="papers.mail-stop", sep=".")


def token_for(user: User, kind: str) -> str:
    """The signed part of the link. ``kind``: a `MailKind`, or `DIGEST`."""
    return signer.sign(f"{user.pk}-{kind}")


def read_token(text: str) -> tuple[User, str] | None:
    """The user and the kind of a token; None if its signature is wrong or the user is gone."""
    try:
        pk, _, kind = signer.unsign(text).partition("-")
    except BadSignature:
        return None
    user = User.objects.filter(pk=pk).first()
    return (user, kind) if user and kind in KIND_LABELS else None


def mail_headers(user: User, kind: str) -> dict[str, str]:
    """The headers from which mail programs make an unsubscribe button."""
    address = settings.BASE_URL + reverse("mail-stop", args=[token_for(user, kind)])
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def masked_name(user: User) -> str:
    """The name of ``user`` as shown to anybody who has the link: "A…"."""
    return f"{str(user)[0]}…"
