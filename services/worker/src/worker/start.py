"""How an entry point makes the worker's app from the environment."""

import os
from collections.abc import Iterable, Sequence
from types import ModuleType

import domain
from common.config import Settings
from common.environment import leave_foreign
from common.feature import Feature, features_of, sections
from worker.app import WorkerApp, create_worker

# Celery's command line passes its options on to Celery by these. BROKER_URL, a setting of ours, is one of them.
PASSED_ON = (
    "CELERY_BROKER_URL",
    "CELERY_CONFIG_MODULE",
    "CELERY_LOADER",
    "CELERY_RESULT_BACKEND",
    "CELERY_SKIP_CHECKS",
)


def start(features: Sequence[Feature] | None = None, task_modules: Iterable[ModuleType] | None = None) -> WorkerApp:
    """Return the app of the product, or of other features; end the process when its settings are not usable."""
    for name in PASSED_ON:
        os.environ.pop(name, None)
    # The other variables have been read by now, and not been acted on yet.
    leave_foreign()
    declared = features_of(domain) if features is None else features
    settings = Settings.load_or_exit(os.environ, sections=sections(declared))
    return create_worker(settings, features=declared, task_modules=task_modules)
