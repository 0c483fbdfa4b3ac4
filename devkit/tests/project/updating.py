"""Three versions of the starter, and a product of the first one that a team has worked on."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from devkit.capability.declaration import DECLARED, STARTER, capabilities, with_users

from ..features.copies import FEATURES, ROOT, devkit, git, run_here

ANSWERS = ".copier-answers.yml"
PLUMBING = "libs/common/src/common/names.py"
# Where the team and the third version change the same line.
CONTESTED = "libs/common/src/common/paging.py"
# What the team removes: a feature, and of the capabilities that nothing else needs the first and the last.
REMOVED = "ipecho"
KEPT = [name for name in FEATURES if name != REMOVED]
THERE = capabilities(ROOT)
_ALONE = sorted(name for name in THERE if name != STARTER and [*with_users([name], THERE)] == [name])
GIVEN_UP = [*_ALONE[:1], *_ALONE[-1:]]
STEP = """\
\"\"\"Every product says that a step has run.\"\"\"

from pathlib import Path


def run(root: Path) -> None:
    \"\"\"Say it.\"\"\"
    with (root / "docs/steps.md").open("a", encoding="utf-8") as file:
        file.write("a step has run\\n")
"""
# What the starter changes in its second version and in its third, as what is replaced, by file.
SECOND = {
    PLUMBING: ('"""The rule for', '"""The one rule for'),
    "devkit/src/devkit/signals.py": ('"""Ctrl-C', '"""The second: Ctrl-C'),
    "devkit/pyproject.toml": ('"rich>=14.0"', '"rich>=14.1"'),
    "docs/release.md": ("# ", "# The second: "),
    "libs/domain/src/domain/hello/service.py": ('"""Say hello', '"""The second: say hello'),
    # What the product goes without.
    f"libs/domain/src/domain/{REMOVED}/service.py": ('"""', '"""The second: '),
    **{f"{DECLARED}/{name}.toml": ("", "# The second.\n") for name in GIVEN_UP},
}
THIRD = {
    PLUMBING: ('"""The one rule for', '"""The starter\'s rule for'),
    CONTESTED: ('"""Listings', '"""The third: listings'),
    "docs/mirrors.md": ("# Mirrors", "# The third: mirrors"),
    "docs/release.md": ("# The second: ", "# The third: "),
}
# What the team has changed, besides what it has removed and made.
TEAMS = {
    "README.md": ("Say here", "It is ours. Say here"),
    "LICENSE": ("\n", "\nOurs.\n"),
    "SECURITY.md": ("put an address here that somebody reads", "security@example.com"),
    ".env": ("VERSION=0.1.0", "VERSION=3.1.4"),
    PLUMBING: ('UNNAMED = "product"\n', 'UNNAMED = "product"\nOURS = "ours"\n'),
    CONTESTED: ('"""Listings', '"""Ours: listings'),
    "libs/domain/src/domain/hello/service.py": ("\n\n\n", "\n\nOURS = 1\n\n\n"),
    "services/api/src/api/app.py": ('"""The composition', '"""Ours: the composition'),
    "docs/development.md": ("# ", "# Ours: "),
    "pyproject.toml": ("\n", "\n# Ours.\n"),
}


def replace(root: Path, changes: Mapping[str, tuple[str, str]], message: str) -> None:
    """Replace the first of some words in each file, and commit that."""
    for name, (old, new) in changes.items():
        text = (root / name).read_text(encoding="utf-8")
        assert old in text, name
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    commit(root, message)


def commit(root: Path, message: str) -> None:
    """Commit all that was changed."""
    git(root, "add", "--all")
    git(root, "-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "commit", "-qm", message)


def release_second(starter: Path) -> None:
    """Release the second version by the starter's own command, with a newer lock and a step for products."""
    (starter / "devkit/src/devkit/update/steps/0001_note.py").write_text(STEP, encoding="utf-8")
    (starter / "libs/web/src/web/arrived.py").write_text('"""New in the second."""\n', encoding="utf-8")
    replace(starter, SECOND, "feat: the second")
    run_here(starter, "-m", "devkit", "lock")
    commit(starter, "build: lock")
    run_here(starter, "-m", "devkit", "release", "--version", "1.3.0", "--no-build", "--checks", "true")


def make_product(starter: Path, root: Path) -> None:
    """Make a product of the starter, and do to it what a team does."""
    run_here(starter, "-m", "devkit", "new", "project", str(root), "--yes")
    answers = (root / ANSWERS).read_text(encoding="utf-8")
    source = next(line for line in answers.splitlines() if line.startswith("_src_path"))
    (root / ANSWERS).write_text(answers.replace(source, f"_src_path: {starter}"), encoding="utf-8")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 3.1.4\n\n- ours\n", encoding="utf-8")
    (root / "docs/mirrors.md").unlink()
    replace(root, TEAMS, "feat: ours")
    for words in (("remove", "feature", REMOVED), ("remove", ",".join(GIVEN_UP)), ("new", "feature", "invoice")):
        run_here(root, "-m", "devkit", *words)


def copied(root: Path, folder: Path) -> Path:
    """Return a copy of a repository, to be changed."""
    return Path(shutil.copytree(root, folder / root.name, symlinks=True))


def update(root: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code of an update without checks, and what it said."""
    return devkit(root, "update", *arguments)


def content(root: Path, name: str) -> str:
    """Return the text of a file."""
    return (root / name).read_text(encoding="utf-8")


def whole_state(root: Path) -> dict[str, object]:
    """Return all that an update could change: the files, but for what is made by the way, and the repository."""
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".git", "__pycache__", ".data"} & set(path.parts)
    }
    repository = [git(root, *words.split()) for words in ("rev-parse HEAD", "status --porcelain", "worktree list")]
    return {"files": files, "repository": repository, "env": sorted(os.listdir(root))}
