"""The variables of Celery, kombu and billiard."""

from common import brokers

# Nobody listens there: whoever takes this for an address does not come far.
NOWHERE = f"{brokers.named('').plain}://127.0.0.1:1/0"

NEUTRALISED = {
    # Celery's configuration.
    "CELERY_BROKER_URL": (NOWHERE, "wins over the broker of the settings"),
    "CELERY_BROKER_READ_URL": (NOWHERE, "the same for the worker"),
    "CELERY_BROKER_WRITE_URL": (NOWHERE, "the same for whoever sends"),
    "CELERY_RESULT_BACKEND": (NOWHERE, "a result store whose outage stops sending"),
    "CELERY_CONFIG_MODULE": ("nowhere", "a module of settings"),
    "CELERY_LOADER": ("nowhere.Loader", "another way to find settings"),
    "CELERY_CUSTOM_WORKER_POOL": ("nowhere:Pool", "another kind of pool"),
    "CELERY_WORKER_REVOKES_MAX": ("none", "a number; else the worker ends"),
    "CELERY_WORKER_SUCCESSFUL_MAX": ("none", "a number; else the worker ends"),
    "CELERY_WORKER_REVOKE_EXPIRES": ("none", "a number; else the worker ends"),
    "CELERY_LOG_FILE": ("/nowhere/log", "set by Celery for its children"),
    "CELERY_LOG_LEVEL": ("none", "set by Celery for its children"),
    "CELERY_LOG_REDIRECT": ("1", "set by Celery for its children"),
    "CELERY_LOG_REDIRECT_LEVEL": ("none", "set by Celery for its children"),
    "CELERY_RDBSIG": ("1", "opens a debugger on a signal"),
    "CELERY_RDB_HOST": ("0.0.0.0", "where the debugger listens"),  # noqa: S104 - nothing listens
    "CELERY_RDB_PORT": ("none", "a number"),
    "CELERY_SKIP_CHECKS": ("1", "Django's checks"),
    "CELERY_TRACE_APP": ("1", "warns of the current app"),
    "CELERY_BENCH": ("1", "measures, and prints to standard output"),
    "CELERY_BENCH_EVERY": ("none", "a number"),
    # Options of Celery's command line, by its prefix; a sample of them.
    "CELERY_APP": ("nowhere", "--app"),
    "CELERY_BROKER": (NOWHERE, "--broker"),
    "CELERY_WORKDIR": ("/nowhere", "--workdir"),
    "CELERY_WORKER_HOSTNAME": ("other@host", "--hostname, the name that jobs are taken up again by"),
    "CELERY_WORKER_QUEUES": ("other", "--queues: the worker would consume nothing of ours"),
    "CELERY_WORKER_EXCLUDE_QUEUES": ("product.jobs", "--exclude-queues"),
    "CELERY_WORKER_POOL": ("solo", "--pool"),
    "CELERY_WORKER_CONCURRENCY": ("many", "--concurrency"),
    "CELERY_WORKER_PURGE": ("1", "--purge: deletes what waits"),
    "CELERY_WORKER_BEAT": ("1", "--beat"),
    "CELERY_WORKER_STATEDB": ("/nowhere/db", "--statedb"),
    "CELERY_WORKER_TIME_LIMIT": ("0.001", "--time-limit"),
    "CELERY_WORKER_MAX_TASKS_PER_CHILD": ("1", "--max-tasks-per-child"),
    "CELERY_WORKER_LOGFILE": ("/nowhere/log", "--logfile"),
    "CELERY_BEAT_SCHEDULE": ("/nowhere/schedule", "--schedule"),
    "CELERY_BEAT_SCHEDULER": ("nowhere:Scheduler", "--scheduler"),
    "CELERY_BEAT_DETACH": ("1", "--detach"),
    "_CELERY_COMPLETE": ("bash_source", "prints completions in the place of working"),
    "APP": ("nowhere", "--app"),
    "CONFIG_MODULE": ("nowhere", "--config"),
    "LOADER": ("nowhere.Loader", "--loader"),
    "RESULT_BACKEND": (NOWHERE, "--result-backend"),
    "SKIP_CHECKS": ("1", "--skip-checks"),
    # Celery, kombu and billiard inside.
    "AUTOSCALE_KEEPALIVE": ("none", "a number"),
    "C_BENCH": ("1", "measures, and prints to standard output"),
    "C_BENCH_EVERY": ("none", "a number"),
    "C_FAKEFORK": ("1", "does not detach"),
    "C_FORCE_ROOT": ("1", "lets root read pickles"),
    "C_IMPDEBUG": ("1", "prints imports"),
    "C_REMDEBUG": ("1", "prints times"),
    "C_STRICT_APP": ("1", "raises where there is no current app"),
    "C_WARN_APP": ("1", "prints where there is no current app"),
    "C_WNOCONF": ("1", "warns of a missing module of settings"),
    "DISABLE_TRACEBACKS": ("1", "logs errors without their origin"),
    "DJANGO_PROJECT_DIR": ("/nowhere", "a folder to import from"),
    "DJANGO_SETTINGS_MODULE": ("nowhere.settings", "Celery sets up Django"),
    "EVENTLET_NOBLOCK": ("1", "an alarm for slow work"),
    "FORKED_BY_MULTIPROCESSING": ("1", "children set themselves up anew"),
    "MP_LOG": ("1", "billiard logs"),
    "MP_MAIN_FILE": ("/nowhere.py", "the module that children import"),
    "MULTIPROCESSING_FORKING_DISABLE": ("1", "how children are made"),
    "NOSETPS": ("1", "processes without names"),
    "PICKLE_PROTOCOL": ("none", "a number; else kombu cannot be imported"),
    "REMAP_SIGTERM": ("SIGQUIT", "a stop gives running tasks no time"),
    "TIMER_DEBUG": ("1", "prints timers"),
    "USE_FAST_LOCALS": ("1", "another kind of thread-locals"),
    "_MP_FORK_LOGFILE_": ("/nowhere/log", "set by Celery for its children"),
    "_MP_FORK_LOGFORMAT_": ("none", "set by Celery for its children"),
    "_MP_FORK_LOGLEVEL_": ("none", "set by Celery for its children"),
    "KOMBU_DEBUG_POOL": ("1", "prints the pool"),
    "KOMBU_DISABLE_LIMIT_PROTECTION": ("1", "pools without a limit"),
    "KOMBU_LOG_CHANNEL": ("1", "logs what is sent"),
    "KOMBU_LOG_CONNECTION": ("1", "logs what is sent"),
    "KOMBU_LOG_DEBUG": ("1", "logs what is sent"),
    # Transports that are not used.
    "PUBSUB_EMULATOR_HOST": ("127.0.0.1:1", "another broker"),
    "SLMQ_ACCOUNT": ("x", "another broker"),
    "SLMQ_HOST": ("x", "another broker"),
    "SLMQ_PORT": ("x", "another broker"),
    "SLMQ_SECURE": ("x", "another broker"),
    "SL_API_KEY": ("x", "another broker"),
    "SL_USERNAME": ("x", "another broker"),
    "PROMPT_TOOLKIT_BELL": ("x", "Celery's own shell"),
    "PROMPT_TOOLKIT_COLOR_DEPTH": ("x", "Celery's own shell"),
    "PROMPT_TOOLKIT_NO_CPR": ("x", "Celery's own shell"),
    "WCWIDTH_PYTHON": ("1", "how wide letters are counted"),
}

NOT_REACHED = {
    *("NO_WORKER", "TEST_BROKER", "WORKER_LOGLEVEL"),  # Celery's plugin for tests
    "celery_dummy_proxy",  # written, never read
    "BROKER_URL",  # our own setting; Celery's command line reads it too, and what it makes of it is taken back
}

OPTIONS = ("celery/bin",)
