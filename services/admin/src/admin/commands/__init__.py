"""The commands, found by folder.

Each module has `add_parsers(parsers)`, which adds its commands and sets `run` of each: a function that takes the parsed
options and the settings, and returns the exit code.
"""

import argparse
from typing import TypeAlias

# What `ArgumentParser.add_subparsers` returns.
Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - the class has no public name
