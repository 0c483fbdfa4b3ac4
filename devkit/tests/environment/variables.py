"""Every variable that a library of the services, or a tool of the commands, reads for itself, and what becomes of it.

Found by reading the libraries; `test_every_variable_that_a_library_reads_is_known` reads them again.
"""

from common.discovery import modules_of

from . import libraries

_LIBRARIES = modules_of(libraries)
# What the services begin without, with a value that would do harm, and what it would do.
NEUTRALISED = {
    "MONGOB_LOG_MAX_DOCUMENT_LENGTH": ("none", "a number; else pymongo cannot log"),
    "PROMETHEUS_DISABLE_CREATED_SERIES": ("1", "series that are missing"),
    "PROMETHEUS_LEGACY_NAME_VALIDATION": ("1", "other rules for names"),
    "prometheus_multiproc_dir": ("/nowhere", "another folder for the metrics"),
    "PYDANTIC_DISABLE_PLUGINS": ("__all__", "models without plugins"),
    "PYDANTIC_ERRORS_INCLUDE_URL": ("1", "longer errors"),
    "PYDANTIC_PRIVATE_ALLOW_UNHANDLED_SCHEMA_TYPES": ("1", "schemas with holes"),
    "PYTHON_DOTENV_DISABLED": ("1", "settings files that are not read"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("http://127.0.0.1:1", "a driver can tell of itself"),
    "SSLKEYLOGFILE": ("/nowhere/keys", "the keys of all encrypted connections in a file"),
    **{name: reason for module in _LIBRARIES for name, reason in module.NEUTRALISED.items()},
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
    "SSL_CERT_FILE": (None, "the machine's authorities; devkit/tests/tls tries it"),
    "TZ": ("Asia/Shanghai", "the machine's; every time here is in UTC"),
}

# What the libraries read where the services do not come, or only to describe the machine.
NOT_REACHED = {
    *("AWS_EXECUTION_ENV", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "FUNCTIONS_WORKER_RUNTIME", "FUNCTION_NAME"),
    *("FUNCTION_REGION", "K_SERVICE", "VERCEL", "VERCEL_REGION", "PROCESSOR_ARCHITECTURE"),  # told to MongoDB
    *("COMP_CWORD", "COMP_WORDS", "EDITOR", "LESS", "PAGER", "TERM", "TERM_PROGRAM", "VISUAL", "PATH"),  # a shell's
    *("ConEmuANSI", "NUMBER_OF_PROCESSORS", "ITERM_PROFILE", "XDG_CONFIG_HOME"),  # another system's
    *(name for module in _LIBRARIES for name in module.NOT_REACHED),
}

# Folders of libraries whose modules name variables as options of a command line.
OPTIONS = [folder for module in _LIBRARIES for folder in module.OPTIONS]

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
