"""What an update did, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devkit import ROOT, bootstrap
from devkit.history import STARTER as ANSWERS
from devkit.update.merge import DOCUMENTS, KEPT, LOCKS, changed, names, what_to_do

_PRODUCT = "libs/domain"


def listing(former: str, new: str, conflicts: Mapping[str, str]) -> Iterator[str]:
    """Yield lines on what the starter changed and the team too, given the team's commit before the update."""
    theirs = [path for path in changed(f"{new}^", new) if path != ANSWERS and not path.startswith(f"{LOCKS}/")]
    ours = changed(f"{new}^", former)
    for package in _plumbing():
        if (taken := names(theirs, package)) and not names(ours, package):
            yield f"replaced: {package} ({_files(len(taken))}); you had changed nothing in it"
            theirs = [path for path in theirs if path not in taken]
    # Where both made the same change, there is nothing to tell.
    different = changed(former, new)
    theirs = [path for path in theirs if path not in ours or path in different]
    both = set(theirs) & set(ours)
    yield from _section("taken:", (path for path in theirs if path not in both))
    yield from _section(
        "merged with your changes:", (path for path in theirs if path in both and path not in conflicts)
    )
    yield f"made anew: {', '.join((LOCKS, *DOCUMENTS))}"
    own = sum(path not in theirs for path in ours)
    kept = [name for name in KEPT if (ROOT / name).exists()]
    yield f"kept as yours: {', '.join(('VERSION', *kept))}; {_files(own)} that only you changed"
    yield from _section("conflicts:", (f"{path}: {what_to_do(letters, path)}" for path, letters in conflicts.items()))


def _plumbing() -> list[str]:
    """Return the packages that a team has no reason to change."""
    folders = [folder.relative_to(ROOT).as_posix() for folder in bootstrap.packages()]
    return [name for name in folders if name != _PRODUCT and not name.startswith("services/")]


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    if found := [f"  {line}" for line in lines]:
        yield from (title, *found)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
