"""Forms that were sent, so that a form sent twice creates one thing."""

from django.conf import settings
from django.db import models


class Submission(models.Model):
    """One form that a person sent, with the page that it led to.

    ``key`` is drawn when the form is shown, ``digest`` covers all that was sent. Somebody who goes
    back and changes what they typed sends another form, although its key is the same.
    """

    # Without a constraint in the database, as that would lock the account before the group, in
    # another order than the acts do.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    key = models.UUIDField()
    digest = models.CharField(max_length=64)
    location = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key", "digest"], name="submission_once"),
        ]

    def __str__(self) -> str:
        return str(self.key)
