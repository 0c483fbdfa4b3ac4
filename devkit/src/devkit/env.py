"""The settings as the tools need them: read by the services' own reader, and checked where they are used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from common import names, settings_files
from devkit import ROOT
from devkit.terminal import CommandError

FILES = tuple(str(path) for path in settings_files.ENV_FILES)


def read(path: Path) -> dict[str, str]:
    """Return the pairs of one settings file; none when it does not exist."""
    try:
        return settings_files.read(path)
    except settings_files.SettingsFileError as error:
        raise CommandError(str(error)) from None


def settings() -> dict[str, str]:
    """Return the settings of this repository. Raises CommandError without `.env`: every one would be missing."""
    if not (committed := ROOT / ".env").exists():
        raise CommandError(f"{committed} is missing: restore it by `git checkout .env`.")
    return load()


def load(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return all settings; later wins: `.env` < `.env.local` < the process environment."""
    try:
        return settings_files.merge(environ, [root / name for name in FILES])
    except settings_files.SettingsFileError as error:
        raise CommandError(str(error)) from None


def port_keys() -> list[str]:
    """Return the settings of `.env` that hold a port on which something listens."""
    return [key for key, value in read(ROOT / ".env").items() if key.endswith("_PORT") and value != "0"]


def required(settings: Mapping[str, str], key: str) -> str:
    """Return a setting that must not be empty."""
    value = settings.get(key, "")
    if not value:
        raise CommandError(f"{key} is not set: .env in {ROOT} documents it.")
    return value


def project(settings: Mapping[str, str]) -> str:
    """Return the product's name. Raises CommandError with the rule that it breaks."""
    name = required(settings, "PROJECT")
    if problem := names.problem(name):
        raise CommandError(f"PROJECT: {problem}.")
    return name


def port(settings: Mapping[str, str], key: str) -> int:
    """Return a setting that must be a TCP port."""
    value = required(settings, key)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise CommandError(f"{key}={value} is no port: set one from 1 to 65535 in .env.local.")
    return int(value)


def seconds(settings: Mapping[str, str], key: str) -> float:
    """Return a setting that must be a time in seconds."""
    value = required(settings, key)
    if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", value, re.ASCII):
        raise CommandError(f"{key}={value} is no number of seconds: set one in .env.local.")
    return float(value)
