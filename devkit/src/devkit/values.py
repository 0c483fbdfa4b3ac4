"""Values of options as numbers, and one clear line about a value that is none."""

import math
import re

from devkit.terminal import CommandError


def whole(option: str, text: str, *, most: int, least: int = 1) -> int:
    """Return a whole number. Raise CommandError when the text is none, or out of its limits."""
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise _error(option, text, f"is not a whole number from {least} to {most}")
    return int(text)


def positive(option: str, text: str, *, most: float = math.inf) -> float:
    """Return a number above 0. Raise CommandError when the text is none, or is above `most`."""
    number = _number(text)
    if not 0 < number < math.inf or number > most:
        raise _error(option, text, "is not a number above 0" + (f" up to {most:g}" if most < math.inf else ""))
    return number


def ratio(option: str, text: str) -> float:
    """Return a number from 0 to 1. Raise CommandError when the text is none."""
    if not 0 <= (number := _number(text)) <= 1:
        raise _error(option, text, "is not a number from 0 to 1")
    return number


def seconds(option: str, text: str) -> int:
    """Return the whole seconds of a time such as 30s, 5m or 1h30m. Raise CommandError when the text is none, or 0."""
    parts = re.fullmatch(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s?)?", text, re.ASCII)
    hours, minutes, rest = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    if not hours + minutes + rest:
        raise _error(option, text, "is not a time such as 30s, 5m or 1h30m")
    return hours * 3600 + minutes * 60 + rest


def words(text: str) -> list[str]:
    """Return words that are separated by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def names(option: str, text: str, known: list[str]) -> list[str]:
    """Return names that are separated by commas. Raise CommandError when one is not known."""
    chosen = words(text)
    if unknown := [name for name in chosen if name not in known]:
        raise _error(option, ",".join(unknown), f"is not known: choose from {', '.join(known)}")
    return chosen


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _error(option: str, text: str, problem: str) -> CommandError:
    return CommandError(f"{option}={text} {problem}.", code=2)
