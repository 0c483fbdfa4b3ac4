"""Every variable that a library of the services, or a tool of the commands, reads for itself, and what becomes of it.

Found by reading the libraries; `test_every_variable_that_a_library_reads_is_known` reads them again.
"""

from common import brokers

# Nobody listens there: whoever takes this for an address does not come far.
NOWHERE = f"{brokers.named('').plain}://127.0.0.1:1/0"

# What the services begin without, with a value that would do harm, and what it would do.
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
    # The HTTP server and Flask. granian's is split, for a test finds by this name what starts it.
    "GRANIAN_" + "PORT": ("1", "an option of granian's command line"),
    "GRANIAN_" + "WORKERS": ("none", "an option of granian's command line"),
    "_GRANIAN_COMPLETE": ("bash_source", "prints completions in the place of serving"),
    "FLASK_DEBUG": ("1", "debug mode: errors are raised instead of answered"),
    "FLASK_RUN_FROM_CLI": ("true", "`app.run` does nothing"),
    "FLASK_SKIP_DOTENV": ("1", "the flask command's settings files"),
    "WERKZEUG_DEBUG_PIN": ("off", "the debugger without its number"),
    "WERKZEUG_RUN_MAIN": ("true", "the development server's child"),
    "WERKZEUG_SERVER_FD": ("99", "the development server's socket"),
    # The rest.
    "MONGOB_LOG_MAX_DOCUMENT_LENGTH": ("none", "a number; else pymongo cannot log"),
    "PROMETHEUS_DISABLE_CREATED_SERIES": ("1", "series that are missing"),
    "PROMETHEUS_LEGACY_NAME_VALIDATION": ("1", "other rules for names"),
    "prometheus_multiproc_dir": ("/nowhere", "another folder for the metrics"),
    "PROMPT_TOOLKIT_BELL": ("x", "Celery's own shell"),
    "PROMPT_TOOLKIT_COLOR_DEPTH": ("x", "Celery's own shell"),
    "PROMPT_TOOLKIT_NO_CPR": ("x", "Celery's own shell"),
    "PYDANTIC_DISABLE_PLUGINS": ("__all__", "models without plugins"),
    "PYDANTIC_ERRORS_INCLUDE_URL": ("1", "longer errors"),
    "PYDANTIC_PRIVATE_ALLOW_UNHANDLED_SCHEMA_TYPES": ("1", "schemas with holes"),
    "CLICK_PLUGINS_HONESTLY": ("1", "the text of an error"),
    "WCWIDTH_PYTHON": ("1", "how wide letters are counted"),
    "PYTHON_DOTENV_DISABLED": ("1", "settings files that are not read"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("http://127.0.0.1:1", "a broker's driver can tell of itself"),
    "SSLKEYLOGFILE": ("/nowhere/keys", "the keys of all encrypted connections in a file"),
}

# What stays, with a harmless value, and why. None: not set by the test, for it would change the run itself.
WANTED = {
    "COVERAGE_FILE": (None, "our own session of coverage sets it"),
    "COVERAGE_RCFILE": (None, "our own session of coverage sets it"),
    "HTTPS_PROXY": ("http://127.0.0.1:1", "ipecho asks the internet as the machine does"),
    "NO_PROXY": ("127.0.0.1,localhost", "what goes past the proxy"),
    "LC_ALL": ("C", "the machine's; everything is UTF-8 all the same"),
    "NO_COLOR": ("1", "a person's wish"),
    "OIDC_TOKEN_FILE": ("/run/token", "how MongoDB's driver logs in, if MONGO_URL asks for it"),
    "AWS_WEB_IDENTITY_TOKEN_FILE": ("/run/token", "the same"),
    "PROMETHEUS_MULTIPROC_DIR": (None, "what starts the service sets it"),
    "PYTHONUNBUFFERED": ("1", "the interpreter's, set by what starts the service"),
    "SSL_CERT_DIR": ("/etc/ssl/certs", "the machine's authorities"),
    "SSL_CERT_FILE": (None, "the machine's authorities; tests/tls tries it"),
    "TZ": ("Asia/Shanghai", "the machine's; every time here is in UTC"),
}

# What the libraries read where the services do not come, or only to describe the machine.
NOT_REACHED = {
    *("AWS_EXECUTION_ENV", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "FUNCTIONS_WORKER_RUNTIME", "FUNCTION_NAME"),
    *("FUNCTION_REGION", "K_SERVICE", "VERCEL", "VERCEL_REGION", "PROCESSOR_ARCHITECTURE"),  # told to MongoDB
    *("COMP_CWORD", "COMP_WORDS", "EDITOR", "LESS", "PAGER", "TERM", "TERM_PROGRAM", "VISUAL", "PATH"),  # a shell's
    *("ConEmuANSI", "NUMBER_OF_PROCESSORS", "ITERM_PROFILE", "XDG_CONFIG_HOME"),  # another system's
    *("NO_WORKER", "TEST_BROKER", "WORKER_LOGLEVEL"),  # Celery's plugin for tests
    *("PYTHONSTARTUP", "YOURAPPLICATION_SETTINGS"),  # the flask command's shell, an example
    "celery_dummy_proxy",  # written, never read
    "BROKER_URL",  # our own setting; Celery's command line reads it too, and what it makes of it is taken back
}

# What the tools' children do not inherit, and what they do.
TOOLS_NEUTRALISED = {
    **dict.fromkeys(("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_CONFIG_COUNT"), "another repository"),
    **dict.fromkeys(("PYTEST_ADDOPTS", "PYTEST_PLUGINS"), "other tests than asked for"),
    **dict.fromkeys(("NOXSESSION", "NOXPYTHON", "NOX_DEFAULT_VENV_BACKEND"), "other sessions than asked for"),
    **dict.fromkeys(
        ("UV_CONSTRAINT", "UV_PYTHON", "UV_NO_VERIFY_HASHES", "UV_SYSTEM_PYTHON"), "not what the locks say"
    ),
    **dict.fromkeys(("PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONWARNINGS"), "Python runs differently"),
    **dict.fromkeys(("MYPYPATH", "RUFF_CONFIG"), "other checks"),
    **dict.fromkeys(("PIP_TARGET", "PIP_CONSTRAINT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"), "not what the locks say"),
    **dict.fromkeys(("HYPOTHESIS_NO_PLUGINS",), "other tests than asked for"),
}
TOOLS_WANTED = {
    "HTTPS_PROXY": "how packages are fetched",
    "INVOKE_RUN_ECHO": "of the command that a person types, read before anything of ours",
    "PIP_INDEX_URL": "a mirror",
    "SSL_CERT_FILE": "whom to trust",
    "UV_CACHE_DIR": "where packages are kept",
    "UV_INDEX_URL": "a mirror",
    "COVERAGE_FILE": "our own session of coverage sets it",
}
