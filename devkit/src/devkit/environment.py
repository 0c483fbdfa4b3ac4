"""The environment of a child process: what a hook, a shell or another project has set there must not steer it.

Nothing but the standard library, for `.venv` may not exist yet. The services clean their own environment when they
start, for they are started by other programs too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from devkit import ROOT

# What says where git's repository is. Git hands them to hooks, and every other git that a hook starts obeys them. The
# first are `git rev-parse --local-env-vars`; a test asks the installed git whether they still are. Those of the last
# three lines are not in that list, and change which files a command sees, or what a commit says, too.
_GIT = """
    ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|CONFIG|CONFIG_COUNT|CONFIG_KEY_.*|CONFIG_PARAMETERS|CONFIG_VALUE_.*|DIR|
    GRAFT_FILE|IMPLICIT_WORK_TREE|INDEX_FILE|INTERNAL_SUPER_PREFIX|NO_REPLACE_OBJECTS|OBJECT_DIRECTORY|PREFIX|
    REFERENCE_BACKEND|REPLACE_REF_BASE|SHALLOW_FILE|WORK_TREE|
    ATTR_SOURCE|AUTHOR_DATE|CEILING_DIRECTORIES|CLIFF_.*|COMMITTER_DATE|DEFAULT_HASH|DEFAULT_REF_FORMAT|
    DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH|EXTERNAL_DIFF|GLOB_PATHSPECS|ICASE_PATHSPECS|LITERAL_PATHSPECS|NAMESPACE|
    NOGLOB_PATHSPECS|QUARANTINE_PATH|REFLOG_ACTION|TEMPLATE_DIR"""
# What makes Python run other code, or run it differently. PYTHONPATH is treated below.
_PYTHON = """
    BREAKPOINT|CASEOK|DEBUG|DEVMODE|EXECUTABLE|HOME|INSPECT|MALLOC|OPTIMIZE|PLATLIBDIR|PROFILEIMPORTTIME|SAFEPATH|
    STARTUP|USERBASE|VERBOSE|WARNDEFAULTENCODING|WARNINGS|_DOTENV_DISABLED"""
# What makes uv install something else than the locks say, or elsewhere. Indexes and folders of wheels (with the hashes
# of the locks), caches, certificates and limits stay.
_UV = """
    BREAK_SYSTEM_PACKAGES|BUILD_CONSTRAINT|CONFIG_FILE|CONSTRAINT|CUSTOM_COMPILE_COMMAND|ENV_FILE|EXCLUDE|
    EXCLUDE_NEWER|FORK_STRATEGY|NO_BINARY|NO_BINARY_PACKAGE|NO_BUILD|NO_BUILD_ISOLATION|NO_BUILD_PACKAGE|NO_EDITABLE|
    NO_SOURCES|NO_VERIFY_HASHES|OVERRIDE|PRERELEASE|PROJECT|PROJECT_ENVIRONMENT|PYTHON|REQUIRE_HASHES|RESOLUTION|
    SYSTEM_PYTHON|VENV_SEED|WORKING_DIR|WORKING_DIRECTORY"""
# The same for pip, which brings uv where there is none.
_PIP = """
    BUILD_CONSTRAINT|CONSTRAINT|DRY_RUN|EDITABLE|FORCE_REINSTALL|IGNORE_INSTALLED|NO_BINARY|NO_DEPS|ONLY_BINARY|PRE|
    PREFIX|PYTHON|REQUIREMENT|REQUIRE_VIRTUALENV|ROOT|TARGET|UPGRADE|USER"""
# Options of tools that the commands give on the command line; a variable would add to them or win. Caches stay.
_OPTIONS = """
    MYPY(PATH|_CONFIG_FILE_DIR)|PYTEST_(ADDOPTS|DISABLE_PLUGIN_AUTOLOAD|PLUGINS)|
    (HYPOTHESIS_|NOX|RUFF_(?!CACHE_DIR$)|SHELLCHECK_).*"""
# The same of tools that a folder of the toolbox works with: a pattern in each line of its `variables.txt`.
_OF_FOLDERS = [
    line for file in Path(__file__).parent.glob("*/variables.txt") for line in file.read_text("utf-8").splitlines()
]
_FOREIGN = re.compile(
    "|".join((f"GIT_({_GIT})|PYTHON({_PYTHON})|UV_({_UV})|PIP_({_PIP})|{_OPTIONS}", *_OF_FOLDERS)), re.VERBOSE
)
# Asked for by name in capitals and in small letters; where both are set, some programs read this one, some that.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# This machine itself, which no proxy can reach for us.
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def child_environment(environ: Mapping[str, str] | None = None, **own: str) -> dict[str, str]:
    """Return this process's environment without what points elsewhere, and with `own`, which always wins.

    Proxies, certificates, mirrors, caches, locale and the project's own settings stay; of PYTHONPATH what lies in this
    repository. This machine itself is asked past any proxy.
    """
    given = os.environ if environ is None else environ
    kept = {key: value for key, value in given.items() if not _FOREIGN.fullmatch(key)}
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
    if not any(environ.get(name) or environ.get(name.lower()) for name in _PROXIES):
        return {}
    given = ",".join(filter(None, (environ.get("no_proxy"), environ.get("NO_PROXY")))).replace(" ", "").split(",")
    exceptions = ",".join(dict.fromkeys(host for host in (*given, *_LOOPBACK) if host))
    # A star stands for every host, and only where it stands alone.
    exceptions = "*" if "*" in given else exceptions
    return {"NO_PROXY": exceptions, "no_proxy": exceptions}


def _inside(search: str) -> str:
    """Return the folders of a search path that lie in this repository."""
    folders = [folder for folder in search.split(os.pathsep) if folder and _is_inside(Path(folder))]
    return os.pathsep.join(folders)


def _is_inside(folder: Path) -> bool:
    return folder.is_absolute() and folder.resolve().is_relative_to(ROOT)
