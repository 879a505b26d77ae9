"""What a load balancer asks."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def healthz(request):
    """200 where the process answers at all."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def readyz(request):
    """200 where the database answers and has every migration; else 503 and why."""
    problem = _problem()
    return HttpResponse(
        f"{problem or 'ready'}\n",
        content_type="text/plain; charset=utf-8",
        status=503 if problem else 200,
    )


def _problem():
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return "the database does not answer"
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "migrations are missing"
    return ""
