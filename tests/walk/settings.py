"""The settings of the demo that is walked: its mails go beside its database, not into ``var/``."""

from pathlib import Path

from readinggroup.settings import *  # noqa: F403
from readinggroup.settings import DATABASES

OUTBOX_DIR = EMAIL_FILE_PATH = Path(DATABASES["default"]["NAME"]).parent / "outbox"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
