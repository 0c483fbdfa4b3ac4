"""Environment variables of the libraries: another project's would change what runs here, past our settings.

`python -m common.environment MODULE ARGUMENTS...` runs a module without them, for some are read while a library is
imported; entry points of our own call `leave_foreign` first. What belongs to the machine or to its operator
stays: proxies, certificates, time zone, locale, and the folder of the metrics. tests/environment has each variable with
its reason.
"""

import os
import runpy
import sys
from collections.abc import Mapping, MutableMapping

# Families, of which new members may come with each version.
PREFIXES = (
    # Celery's settings, and by its command line each of its options: CELERY_WORKER_QUEUES is `worker --queues`.
    "CELERY_",
    "_CELERY_",
    "_MP_FORK_",
    "CLICK_",
    "FLASK_",
    "GRANIAN_",
    "_GRANIAN_",
    "KOMBU_",
    "OTEL_",
    "PROMPT_TOOLKIT_",
    "PYDANTIC_",
    "SLMQ_",
    "SL_",
    "WCWIDTH_",
    "WERKZEUG_",
)
NAMES = frozenset(
    {
        # Options of Celery's command line under names of their own. BROKER_URL, another one, is a setting of ours.
        "APP",
        "CONFIG_MODULE",
        "LOADER",
        "RESULT_BACKEND",
        "SKIP_CHECKS",
        # Celery, kombu and billiard.
        "AUTOSCALE_KEEPALIVE",
        "C_BENCH",
        "C_BENCH_EVERY",
        "C_FAKEFORK",
        "C_FORCE_ROOT",
        "C_IMPDEBUG",
        "C_REMDEBUG",
        "C_STRICT_APP",
        "C_WARN_APP",
        "C_WNOCONF",
        "DISABLE_TRACEBACKS",
        "DJANGO_PROJECT_DIR",
        "DJANGO_SETTINGS_MODULE",
        "EVENTLET_NOBLOCK",
        "FORKED_BY_MULTIPROCESSING",
        "MP_LOG",
        "MP_MAIN_FILE",
        "MULTIPROCESSING_FORKING_DISABLE",
        "NOSETPS",
        "PICKLE_PROTOCOL",
        "PUBSUB_EMULATOR_HOST",
        "REMAP_SIGTERM",
        "TIMER_DEBUG",
        "USE_FAST_LOCALS",
        # pymongo, prometheus-client and python-dotenv.
        "MONGOB_LOG_MAX_DOCUMENT_LENGTH",
        "PROMETHEUS_DISABLE_CREATED_SERIES",
        "PROMETHEUS_LEGACY_NAME_VALIDATION",
        "PYTHON_DOTENV_DISABLED",
        "prometheus_multiproc_dir",
        # Python's ssl writes the keys of every connection to this file.
        "SSLKEYLOGFILE",
    }
)


def is_foreign(name: str) -> bool:
    """Return whether a variable belongs to a library."""
    return name in NAMES or name.startswith(PREFIXES)


def clean(environ: MutableMapping[str, str]) -> None:
    """Remove the libraries' variables from an environment."""
    for name in [name for name in environ if is_foreign(name)]:
        del environ[name]


def leave_foreign(environ: Mapping[str, str] = os.environ) -> None:
    """Restart this program without these variables, if there are any: some have been read by now.

    For entry points alone, before they do anything. The process keeps its number.
    """
    if any(is_foreign(name) for name in environ):
        own = {name: value for name, value in environ.items() if not is_foreign(name)}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], own)  # noqa: S606 - the command that was given to us


if __name__ == "__main__":
    leave_foreign()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
