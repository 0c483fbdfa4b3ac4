"""Features that use a capability: they are the team's own, so they are told and not deleted with it."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from devkit.capability.declaration import Capability, files
from devkit.feature.create import files_of
from devkit.feature.delete import features
from devkit.terminal import CommandError


def refuse_used(gone: Sequence[Capability], root: Path, *, but: Sequence[str] = ()) -> None:
    """Raise CommandError when a feature below a root imports what goes with capabilities, unless it goes too."""
    for capability in gone:
        if users := [name for name in _users(capability, root) if name not in but]:
            which = f"feature {users[0]} needs" if len(users) == 1 else f"features {', '.join(users)} need"
            mend = " && ".join(f"invoke remove feature {name}" for name in users)
            raise CommandError(f"the {which} {capability.name}: before that, run `{mend}`.", code=2)


def _users(capability: Capability, root: Path) -> Iterator[str]:
    """Yield the features of which something remains that imports what is the capability's own."""
    own = set(capability.all_files(root))
    modules = {_module(path) for path in own if path.suffix == ".py" and "src" in path.parts}
    for feature in features(root):
        paths = [file for path in files_of(feature, root) for file in ([path] if path.is_file() else files(path))]
        if any(modules & set(_imported(path)) for path in paths if path.suffix == ".py" and path not in own):
            yield feature


def _module(path: Path) -> str:
    """Return the name that a file is imported by."""
    package = path.parts[len(path.parts) - path.parts[::-1].index("src") :]
    return ".".join(package).removesuffix(".py").removesuffix(".__init__")


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file imports by its whole name, which may be that of a module or of something in one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
