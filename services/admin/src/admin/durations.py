"""Times that people write: `30s`, `5m`, `2h`, `1d`."""

import argparse
import re

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> float:
    """Return the seconds of a time. Raises ArgumentTypeError for what is none."""
    parts = re.fullmatch(r"(\d{1,9})([smhd]?)", text, re.ASCII)
    if parts is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 30s, 5m, 2h or 1d")
    return int(parts[1]) * UNITS[parts[2]]
