"""The options of a command that is a program of its own."""

import argparse
from typing import NoReturn

from devkit.terminal import CommandError


class Parser(argparse.ArgumentParser):
    """Says of a wrong option what is wrong with it, as every command says what went wrong."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage, which says nothing about what is wrong."""
        raise CommandError(f"{message.removeprefix('argument ')}.", code=2)
