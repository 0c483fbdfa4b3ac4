"""What a capability is: the files that are its own, the words that only it may use, and what it cannot do without."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from devkit.terminal import CommandError

# What a product made from the starter goes without.
STARTER = "starter"
DECLARED = "devkit/src/devkit/capability/declared"
# What commands make, and what git keeps.
_MADE = {".git", ".nox", ".venv", "__pycache__"}


class Capability(BaseModel):
    """A capability as `declared/NAME.toml` declares it.

    `files` are patterns of paths from the root; the declaration is one of them by itself. `words` are regular
    expressions: nothing that remains without the capability may match one. `needs` are the names of other capabilities,
    all of which it cannot do without; at least one of `one_of` must be there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    files: tuple[str, ...]
    words: tuple[str, ...]
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def paths(self, root: Path) -> list[Path]:
        """Return the files and folders that are its own, below a root."""
        patterns = (f"{DECLARED}/{self.name}.toml", *self.files)
        return sorted({path for pattern in patterns for path in root.glob(pattern) if "__pycache__" not in path.parts})

    def all_files(self, root: Path) -> list[Path]:
        """Return the files that are its own, those in its folders included."""
        return sorted({file for path in self.paths(root) for file in ([path] if path.is_file() else files(path))})


def capabilities(root: Path) -> dict[str, Capability]:
    """Return the capabilities below a root, by their names. Raises CommandError, which names a bad declaration."""
    return {path.stem: _read(path) for path in sorted((root / DECLARED).glob("*.toml"))}


def chosen(names: Iterable[str], root: Path) -> list[Capability]:
    """Return the capabilities of some names. Raises CommandError when one is not there, or what stays needs it."""
    there = capabilities(root)
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in there:
            raise CommandError(f"there is no capability {name!r}{_nearest(name, there)}", code=2)
    missed, more = _incomplete(wanted, there)
    if missed:
        line = ",".join([*more, *wanted])
        raise CommandError(f"{missed} remove {_it_or(more)} too, by `invoke remove {line}`.", code=2)
    return [there[name] for name in wanted]


def refuse_incomplete(without: Sequence[str], root: Path) -> None:
    """Raise CommandError when what a product keeps needs what it goes without; all names must be there."""
    missed, more = _incomplete([STARTER, *without], capabilities(root))
    if missed:
        line = ",".join([*more, *without])
        raise CommandError(f"{missed} leave {_it_or(more)} out too, by --without {line}.", code=2)


def _incomplete(gone: Sequence[str], there: Mapping[str, Capability]) -> tuple[str, list[str]]:
    """Return the beginning of a sentence on what would miss something, and all that would; empty where nothing does."""
    missed = next(filter(None, (_missed(one, gone, there) for one in there.values())), "")
    return missed, [name for name in with_users(gone, there) if name not in gone]


def _it_or(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _missed(capability: Capability, gone: Sequence[str], there: Iterable[str]) -> str:
    """Return the beginning of a sentence on what a capability that stays would miss; empty when it misses nothing."""
    if capability.name in gone:
        return ""
    if needed := [name for name in gone if name in capability.needs]:
        return f"{capability.name} needs {' and '.join(needed)}:"
    choice = [name for name in capability.one_of if name in there]
    missed = choice and set(choice) <= set(gone)
    return f"{capability.name} needs {' or '.join(choice)}: keep one, or" if missed else ""


def with_users(names: Sequence[str], there: Mapping[str, Capability]) -> list[str]:
    """Return the names and those of what would miss one of them, and what would then miss something too."""
    gone = list(names)
    while more := [name for name, one in there.items() if _missed(one, gone, there)]:
        gone += more
    return gone


def files(root: Path) -> Iterator[Path]:
    """Yield the files below a folder, but for what commands make."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _MADE)
        # In a worktree `.git` is a file.
        yield from (Path(folder, name) for name in sorted(names) if name not in _MADE)


def _nearest(name: str, there: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, there, n=1)
    meant = f": did you mean {near[0]}?" if near else "."
    return f"{meant} There are {', '.join(there) or 'none'}."


def _read(path: Path) -> Capability:
    try:
        return Capability.model_validate({"name": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))})
    except (ValidationError, ValueError) as error:
        raise CommandError(f"{DECLARED}/{path.name} declares no capability: {error}") from None
