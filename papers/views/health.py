"""Health and readiness checks for load balancers."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from papers import clock
from papers.models import Heartbeat

STOPPED_AFTER = timedelta(minutes=5)  # the clock beats twice a minute
LATE_AFTER = timedelta(minutes=10)


@login_not_required
@require_safe
def healthz(request):
    """Answer 200 whenever the process answers at all."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def readyz(request):
    """Answer 200 if the database answers, all migrations ran and the worker works; else 503."""
    problem = _readiness_problem()
    return HttpResponse(
        f"{problem or 'ready'}\n",
        content_type="text/plain; charset=utf-8",
        status=503 if problem else 200,
    )


def _readiness_problem():
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return "the database does not answer"
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "migrations are missing"
    return _worker_problem(timezone.now())


def _worker_problem(at):
    """The problem if the worker stopped or never started; "" if all is well or nothing waits."""
    if Heartbeat.objects.filter(
        name=clock.CLOCK_HEARTBEAT, beat_at__lt=at - STOPPED_AFTER
    ).exists():
        return "the worker has stalled: its clock stands still (manage.py work)"
    since = at - LATE_AFTER
    # A task without a time of its own has the latest date possible; it is due when enqueued.
    is_late = Q(run_after__lte=since) | Q(run_after=get_date_max(), enqueued_at__lte=since)
    tasks = DBTaskResult.objects
    # A working worker may be late if much is enqueued at once, such as a thousand mails.
    is_stuck = tasks.filter(is_late, status=TaskResultStatus.READY).exists()
    if is_stuck and not tasks.filter(finished_at__gt=since).exists():
        return "the worker has stalled: what waits for it is not done (manage.py work)"
    return ""
