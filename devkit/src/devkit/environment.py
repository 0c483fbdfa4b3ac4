"""The environment of a child process: what a hook, a shell or another project has set there must not steer it.

Nothing but the standard library, for `.venv` may not exist yet. The services clean their own environment when they
start, for they are started by other programs too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from devkit import ROOT

# What says where git's repository is. Git hands them to hooks, and every other git that a hook starts obeys them.
# The first lines are `git rev-parse --local-env-vars`; a test asks the installed git whether they still are.
GIT = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REFERENCE_BACKEND",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    # Not in that list, and they change which files a command sees, or what a commit says, too.
    "GIT_ATTR_SOURCE",
    "GIT_AUTHOR_DATE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMITTER_DATE",
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    "GIT_TEMPLATE_DIR",
)
# What makes Python run other code, or run it differently. PYTHONPATH is treated below.
PYTHON = (
    "PYTHONBREAKPOINT",
    "PYTHONCASEOK",
    "PYTHONDEBUG",
    "PYTHONDEVMODE",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONMALLOC",
    "PYTHONOPTIMIZE",
    "PYTHONPLATLIBDIR",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONSAFEPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONVERBOSE",
    "PYTHONWARNDEFAULTENCODING",
    "PYTHONWARNINGS",
    "PYTHON_DOTENV_DISABLED",
)
# What makes uv install something else than the locks say, or elsewhere. Indexes and folders of wheels (with the hashes
# of the locks), caches, certificates and limits stay.
UV = (
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_BUILD_CONSTRAINT",
    "UV_CONFIG_FILE",
    "UV_CONSTRAINT",
    "UV_CUSTOM_COMPILE_COMMAND",
    "UV_ENV_FILE",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_FORK_STRATEGY",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_BUILD",
    "UV_NO_BUILD_ISOLATION",
    "UV_NO_BUILD_PACKAGE",
    "UV_NO_EDITABLE",
    "UV_NO_SOURCES",
    "UV_NO_VERIFY_HASHES",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_REQUIRE_HASHES",
    "UV_RESOLUTION",
    "UV_SYSTEM_PYTHON",
    "UV_VENV_SEED",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
)
# The same for pip, which brings uv where there is none.
PIP = (
    "PIP_BUILD_CONSTRAINT",
    "PIP_CONSTRAINT",
    "PIP_DRY_RUN",
    "PIP_EDITABLE",
    "PIP_FORCE_REINSTALL",
    "PIP_IGNORE_INSTALLED",
    "PIP_NO_BINARY",
    "PIP_NO_DEPS",
    "PIP_ONLY_BINARY",
    "PIP_PRE",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_REQUIREMENT",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_UPGRADE",
    "PIP_USER",
)
# Options of tools that the commands give on the command line; a variable would add to them or win.
OPTIONS = (
    "COMPOSE_ENV_FILES",
    "COMPOSE_FILE",
    "COMPOSE_PROFILES",
    "COMPOSE_PROJECT_DIRECTORY",
    "MYPYPATH",
    "MYPY_CACHE_DIR",
    "MYPY_CONFIG_FILE_DIR",
    "PYTEST_ADDOPTS",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
    "PYTEST_PLUGINS",
)
PREFIXES = (
    "GIT_CLIFF_",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
    "HADOLINT_",
    "HYPOTHESIS_",
    "LOCUST_",
    "NOX",
    "RUFF_",
    "SHELLCHECK_",
)
# Asked for by name in capitals and in small letters; where both are set, some programs read this one, some that.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# This machine itself, which no proxy can reach for us.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FOREIGN = frozenset((*GIT, *PYTHON, *UV, *PIP, *OPTIONS))


def child_environment(environ: Mapping[str, str] | None = None, **own: str) -> dict[str, str]:
    """Return this process's environment without what points elsewhere, and with `own`, which always wins.

    Proxies, certificates, mirrors, caches, locale and the project's own settings stay; of PYTHONPATH what lies in this
    repository. This machine itself is asked past any proxy.
    """
    given = os.environ if environ is None else environ
    kept = {key: value for key, value in given.items() if not _is_foreign(key)}
    if "PYTHONPATH" in kept:
        kept["PYTHONPATH"] = _inside(kept["PYTHONPATH"])
        if not kept["PYTHONPATH"]:
            del kept["PYTHONPATH"]
    return kept | _past_proxies(kept) | own


def clean() -> None:
    """Make this process's own environment one of a child, so that all that it starts inherits no other."""
    cleaned = child_environment()
    for name in os.environ.keys() - cleaned.keys():
        del os.environ[name]
    os.environ.update(cleaned)


def _past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the exceptions from the proxies, with this machine among them; nothing where there is no proxy."""
    if not any(environ.get(name) or environ.get(name.lower()) for name in PROXIES):
        return {}
    given = ",".join(filter(None, (environ.get("no_proxy"), environ.get("NO_PROXY")))).replace(" ", "").split(",")
    exceptions = ",".join(dict.fromkeys(host for host in (*given, *LOOPBACK) if host))
    # A star stands for every host, and only where it stands alone.
    exceptions = "*" if "*" in given else exceptions
    return {"NO_PROXY": exceptions, "no_proxy": exceptions}


def _is_foreign(name: str) -> bool:
    return name in FOREIGN or name.startswith(PREFIXES)


def _inside(search: str) -> str:
    """Return the folders of a search path that lie in this repository."""
    folders = [folder for folder in search.split(os.pathsep) if folder and _is_inside(Path(folder))]
    return os.pathsep.join(folders)


def _is_inside(folder: Path) -> bool:
    return folder.is_absolute() and folder.resolve().is_relative_to(ROOT)
