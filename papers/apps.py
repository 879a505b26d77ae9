"""The app, and what it prepares beside its tables."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate


class ReadingGroupAdminConfig(AdminConfig):
    """Puts our admin site in the place of Django's."""

    default_site = "papers.admin_site.ReadingGroupAdminSite"


class PapersConfig(AppConfig):
    name = "papers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from papers import checks, security_log  # noqa: F401 - checks register themselves

        security_log.connect_signals()
        pre_migrate.connect(drop_search_index, sender=self)
        post_migrate.connect(prepare_database, sender=self)


def drop_search_index(using, plan, **_):
    """Take the search index away where our tables may change.

    Neither database alters a column that its index is made of. ``prepare_database`` makes it anew.
    """
    from papers.library import search

    if any(migration.app_label == PapersConfig.name for migration, _backwards in plan):
        search.drop_index(using)


def prepare_database(using, **_):
    """Make the cache's table and the search index; both are left alone where they are right.

    After every migrate, not in one migration: the index is made anew whenever our tables changed.
    """
    from papers.library import search

    call_command("createcachetable", database=using, verbosity=0)
    search.install_index(using)
