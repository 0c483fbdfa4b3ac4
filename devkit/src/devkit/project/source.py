"""Where a product's files came from, for others than this machine."""

import json
import re
from pathlib import Path

from devkit.git import asked

# So many times one folder may have been cloned from another; what goes on is a circle.
_LONGEST = 8
# What git takes for a place elsewhere: a scheme, or a colon before any slash.
_ELSEWHERE = re.compile(r"(?!(git\+)?file://)([a-z][a-z0-9+.-]*://|[^/]+:)")
_ACCOUNT = re.compile(r"(?<=https://)[^/]*@|(?<=http://)[^/]*@")


def address(source: str) -> str:
    """Return the address of a repository; empty where only this machine has it.

    A folder is what it was cloned from, for its path says nothing elsewhere. An account of an address is left out: a
    committed file tells it.
    """
    for _ in range(_LONGEST):
        if not source or _ELSEWHERE.match(source):
            return _ACCOUNT.sub("", source)
        source = _cloned_from(Path(source.removeprefix("git+").removeprefix("file://")).expanduser())
    return ""


def source_line(source: str) -> str:
    """Return the line that tells an address among copier's answers; without one, what is missing for an update."""
    if not source:
        return (
            "# Made from a folder that has no address. For updates, write the starter's here: `_src_path: ADDRESS`.\n"
        )
    # JSON is YAML too, whatever stands in an address.
    return f"_src_path: {json.dumps(source)}\n"


def _cloned_from(folder: Path) -> str:
    """Return what a repository was cloned from; empty where that is not known, or the folder is no repository."""
    top = asked("-C", str(folder), "rev-parse", "--show-toplevel")
    if not top or not folder.samefile(top):
        return ""
    origin = asked("-C", top, "remote", "get-url", "origin")
    return origin if not origin or _ELSEWHERE.match(origin) else str(Path(top, origin.removeprefix("file://")))
