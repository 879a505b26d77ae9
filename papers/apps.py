"""The app, and what it prepares beside its tables."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class ReadingGroupAdminConfig(AdminConfig):
    """Puts our admin site in the place of Django's."""

    default_site = "papers.admin_site.ReadingGroupAdminSite"


class PapersConfig(AppConfig):
    name = "papers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        post_migrate.connect(prepare_database, sender=self)


def prepare_database(using, **_):
    """Make the cache's table and the search index; both are left alone where they are right.

    After every migrate, not in one migration: SQLite drops a table's triggers when a later
    migration rebuilds the table, and the search index lives by them.
    """
    from papers import search

    call_command("createcachetable", database=using, verbosity=0)
    search.install(using)
