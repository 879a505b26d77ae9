"""What happened to a meeting is noted in the transaction it happens in; a worker tells it."""

from papers.models import Notice


def happened(event, discussion, *, by=None, user=None, mark=""):
    """Note that ``event``, a ``Notice.Event``, happened; the members are told once it is committed.

    ``user``: to be told alone. ``by``: whose act it was, who is not told. ``mark`` tells it from
    another time it happened; by itself that is the meeting's ``sequence``. Returns the notice, or
    None where it was noted before.
    """
    key = ":".join(
        str(part)
        for part in (event, discussion.pk, mark or discussion.sequence, user and user.pk)
        if part is not None and part != ""
    )
    notice, is_new = Notice.objects.get_or_create(
        key=key, defaults={"event": event, "discussion": discussion, "by": by, "user": user}
    )
    return notice if is_new else None
