"""The variables of Celery, kombu and billiard."""

PREFIXES = (
    # Celery's settings, and by its command line each of its options: CELERY_WORKER_QUEUES is `worker --queues`.
    "CELERY_",
    "_CELERY_",
    "_MP_FORK_",
    "KOMBU_",
    # kombu's transports that are not used.
    "SLMQ_",
    "SL_",
    # Celery's own shell.
    "PROMPT_TOOLKIT_",
    "WCWIDTH_",
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
    }
)
