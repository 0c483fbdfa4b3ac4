"""Commands for operators: `python -m admin COMMAND`. Each module in `admin.commands` adds its own."""

import argparse
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from admin import commands
from admin.features import SECTIONS
from admin.output import CommandError, say
from common.config import ConfigError, Settings
from common.discovery import modules_of
from common.environment import leave_foreign


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 1 when an operator has to decide something, 2 when it failed."""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser(words).parse_args(words)
    try:
        settings = Settings.load(os.environ, sections=SECTIONS)
        return _run(options, settings)
    except ConfigError as error:
        say(f"ConfigError: {error}")
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 2


def _run(options: argparse.Namespace, settings: Settings) -> int:
    try:
        code: int = options.run(options, settings)
    except CommandError as error:
        say(f"{getattr(options, 'file', '') or options.command}: {error}")
    except OSError as error:
        say(f"{error.filename or options.command}: {error.strerror or error}")
    else:
        return code
    return 2


def _parser(words: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m admin", description=__doc__)
    parsers = parser.add_subparsers(dest="command", required=True)
    for module in _modules(words):
        module.add_parsers(parsers)
    return parser


def _modules(words: list[str]) -> list[ModuleType]:
    """Return the module that is named like the command, so that a command imports no other's libraries; else all."""
    if words and any(Path(folder, f"{words[0]}.py").is_file() for folder in commands.__path__):
        return [importlib.import_module(f"{commands.__name__}.{words[0]}")]
    return modules_of(commands)


if __name__ == "__main__":
    leave_foreign()
    sys.exit(main())
