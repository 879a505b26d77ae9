"""The app configuration, and the preparation of the database after each migrate."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate, pre_migrate


class ReadingGroupAdminConfig(AdminConfig):
    """Replaces Django's admin site with ours."""

    default_site = "papers.admin_site.ReadingGroupAdminSite"


class PapersConfig(AppConfig):
    name = "papers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from papers import checks, security_log  # noqa: F401 - checks register themselves
        from papers.library.folding import install_folding

        install_folding()
        security_log.connect_signals()
        pre_migrate.connect(drop_search_index, sender=self)
        post_migrate.connect(prepare_database, sender=self)


def drop_search_index(using, plan, **_):
    """Drop the search index if our tables may change.

    Neither database alters a column that the index uses. ``prepare_database`` rebuilds the index.
    """
    from papers.library import search

    if any(migration.app_label == PapersConfig.name for migration, _backwards in plan):
        search.drop_index(using)


def prepare_database(using, **_):
    """Create the cache table and the search index, unless they exist.

    This runs after every migrate and not in a migration, because the index must be rebuilt whenever
    our tables change.
    """
    from papers.library import search

    call_command("createcachetable", database=using, verbosity=0)
    search.install_index(using)
