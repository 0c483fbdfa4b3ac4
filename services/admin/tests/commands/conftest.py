"""A command in this process, which is quicker than one of its own."""

import argparse
from collections.abc import Callable
from types import ModuleType

import pytest

from common.clients import Clients
from common.config import Settings

# Returns the exit code, standard output and standard error of what was typed behind a command's name.
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def in_process(settings: Settings, clients: Clients, capsys: pytest.CaptureFixture[str]) -> Callable[[ModuleType], Run]:
    """Makes the command of a module of `admin.commands` callable; its database is removed afterwards."""
    assert clients

    def callable_of(module: ModuleType) -> Run:
        parser = argparse.ArgumentParser()
        module.add_parsers(parser.add_subparsers(dest="command"))
        name = module.__name__.rpartition(".")[2]

        def run(*arguments: str) -> tuple[int, str, str]:
            code = module.run(parser.parse_args([name, *arguments]), settings)
            said = capsys.readouterr()
            return code, said.out, said.err

        return run

    return callable_of
