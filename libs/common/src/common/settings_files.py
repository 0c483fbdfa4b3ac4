"""The reader of settings files, for the services and for the tools."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from dotenv.parser import parse_stream

from common import extensions

ENV_FILES = (Path(".env"), Path(".env.local"))


class SettingsFileError(Exception):
    """A settings file cannot be read; the message names it and says where, in one line."""


def read(path: Path) -> dict[str, str]:
    """Return the names and values of one settings file, nothing when it does not exist.

    Quotes are removed, comments dropped, nothing is interpolated. Some editors begin a file with a byte order mark; it
    belongs to no name. Raises SettingsFileError.
    """
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except UnicodeDecodeError as error:
        raise SettingsFileError(
            f"{path} is no text in UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from None
    for binding in bindings:
        # The library's own reader passes such a line by, and what follows it may be read otherwise than it was meant.
        if binding.error:
            raise SettingsFileError(
                f"{path}, line {binding.original.line}: this is no NAME=value, or a quote in it is not closed."
            )
    values = {binding.key: binding.value for binding in bindings}
    return {name: value for name, value in values.items() if name is not None and value is not None}


def named_after_project() -> list[str]:
    """Return the settings that are what PROJECT is when they are empty."""
    added = [name for extension in extensions.found() for name in extension.named_after_project]
    return ["MONGO_DATABASE", "MONGO_USER", *added]


def merge(environ: Mapping[str, str], env_files: Iterable[Path] = ENV_FILES) -> dict[str, str]:
    """Return all values by their names; a later file wins over an earlier one, and the environment over both.

    What is named after the product has its name, unless it was given another one. What follows from another setting
    wins over the first file, which holds what everybody has, and over what is empty.
    """
    committed, *others = [read(path) for path in env_files] or [{}]
    chosen = {name: value for layer in (*others, environ) for name, value in layer.items()}
    values = {**committed, **chosen}
    values.update({name: value for name, value in _implied(values).items() if not chosen.get(name)})
    if project := values.get("PROJECT"):
        values.update({name: values.get(name) or project for name in named_after_project()})
    return values


def _implied(values: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that follow from others."""
    rules = [rule for extension in extensions.found() for rule in extension.implied.items()]
    followed = [implied for (name, value), implied in rules if values.get(name) == value]
    return {name: value for implied in followed for name, value in implied.items()}
