"""Secrets in files, as orchestrators bring them: `SECRET_KEY_FILE` names the file that holds `SECRET_KEY`."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

MAX_BYTES = 65536


class SecretFileError(Exception):
    """Why a file is not taken, in one line that holds nothing of it."""


def read_named(values: Mapping[str, str], secrets: Iterable[str], problems: list[str]) -> dict[str, str]:
    """Return all values, with those that stand in files; what is wrong with a file becomes a line of `problems`.

    The names are in small letters. In production a file that everybody on the machine may read is refused.
    """
    private = values.get("environment") == "production"
    added: dict[str, str] = {}
    for name, path in _named(values, secrets):
        key = f"{name}_file".upper()
        if values.get(name):
            problems.append(f"{key}: {name.upper()} is set too; leave one of them empty")
            continue
        try:
            added[name] = read(Path(path), private=private)
        except SecretFileError as error:
            problems.append(f"{key}: {path} {error}")
    return {**values, **added}


def read(path: Path, *, private: bool) -> str:
    """Return the secret that a file holds, without the line's end that editors add. Raises SecretFileError."""
    try:
        # A pipe that nobody writes to would be waited for.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise SecretFileError(f"cannot be read: {error.strerror}") from None
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise SecretFileError("is no file")
        if private and about.st_mode & (stat.S_IROTH | stat.S_IWOTH):
            raise SecretFileError("may be read or written by everybody on the machine: `chmod o=` it")
        content = os.read(file, MAX_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > MAX_BYTES:
        raise SecretFileError(f"is longer than {MAX_BYTES} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise SecretFileError("holds no text in UTF-8") from None
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret or any(not each.isprintable() for each in secret):
        raise SecretFileError("holds nothing, or more than one line")
    return secret


def _named(values: Mapping[str, str], secrets: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in secrets:
        if path := values.get(f"{name}_file"):
            yield name, path
