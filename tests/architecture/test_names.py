"""What is declared by name has something behind the name."""

import importlib

from clasio_backend.activity.actions import SENTENCES, Action
from clasio_backend.core.instance_jobs import InstanceJobKind
from clasio_backend.core.job_queue import QUEUE_OF, RUN_DUE, JobKind, QueueName
from clasio_backend.core.scope import PERMISSIONS, Role
from clasio_backend.usage.plans import PLANS, Meter
from jobs.handlers import HANDLERS, INSTANCE_HANDLERS
from jobs.runner import RUNNING_CAP
from jobs.schedules import SCHEDULES


def test_every_kind_of_job_has_a_handler_and_a_queue() -> None:
    assert set(HANDLERS) == set(JobKind)
    assert set(QUEUE_OF) == set(JobKind)


def test_every_kind_of_instance_job_has_a_handler() -> None:
    assert set(INSTANCE_HANDLERS) == set(InstanceJobKind)


def test_every_queue_has_a_cap() -> None:
    assert set(RUNNING_CAP) == set(QueueName)


def test_the_task_behind_wake_ups_exists() -> None:
    module, _, name = RUN_DUE.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_schedules_have_ids_of_their_own_that_rq_takes() -> None:
    ids = [entry.id for entry in SCHEDULES]
    assert len(set(ids)) == len(ids)
    assert all(entry_id.replace("-", "").replace("_", "").isalnum() for entry_id in ids)


def test_every_action_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Action)


def test_every_role_has_permissions() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_plan_limits_every_meter() -> None:
    assert all(set(plan.limits) == set(Meter) for plan in PLANS.values())
