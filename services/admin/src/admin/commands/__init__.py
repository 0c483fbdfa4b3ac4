"""The commands, found by folder.

Each module has `add_parsers(parsers)`, which adds its commands and sets `run` of each: a function that takes the parsed
options and the settings, and returns the exit code.
"""

import argparse
from collections.abc import Callable
from typing import Any, TypeAlias

# What `ArgumentParser.add_subparsers` returns.
Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - the class has no public name


def add_action(
    actions: Parsers, act: Callable[[argparse.Namespace, Any], int], name: str, description: str
) -> argparse.ArgumentParser:
    """Add an action of a command, which can print JSON, and return its parser; `act` does it."""
    parser = actions.add_parser(name, help=description, description=description)
    parser.add_argument("--json", action="store_true", help="print JSON on standard output")
    parser.set_defaults(act=act)
    return parser
