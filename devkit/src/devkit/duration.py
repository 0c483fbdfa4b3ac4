"""Times as people write them on a command line: 30s, 5m, 1h30m; a number alone is seconds."""

import argparse
import re


def seconds(text: str) -> int:
    """Return the whole seconds of a time; raise argparse's error when it is none, or nothing."""
    parts = re.fullmatch(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s?)?", text, re.ASCII)
    hours, minutes, rest = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    if not hours + minutes + rest:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 30s, 5m or 1h30m")
    return hours * 3600 + minutes * 60 + rest
