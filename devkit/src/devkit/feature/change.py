"""Adds a feature to this repository and removes one, documents included, as one commit each."""

import sys
from collections.abc import Iterable

from devkit import ROOT, answers, worktree
from devkit.feature import dependencies
from devkit.feature.create import create
from devkit.feature.delete import delete, features, files_of_feature
from devkit.feature.parse import feature_spec
from devkit.terminal import confirm, say


def add(name: str, *, plural: str, fields: str, options: Iterable[str], dry_run: bool, force: bool) -> None:
    """Make a feature. Raises CommandError when it cannot be made; then nothing is changed."""
    spec = feature_spec(name, plural=plural, fields=fields, options=options)
    worktree.refuse_place(force=force)
    with worktree.one_commit(f"feat({name}): add {spec.plural_words}", dry_run=dry_run) as tree:
        files = create(spec, tree.path)
        tree.run("devkit", "openapi")
    print("\n".join(sorted(files)))
    if dry_run:
        say(f"{len(files)} files would be made.")
        return
    say(f"{len(files)} files were made, with one commit; `git revert HEAD` takes it back.")
    say(f"Next: `invoke test -k {name}`, and your own logic in libs/domain/src/domain/{name}/service.py.")


def remove(name: str, *, yes: bool, dry_run: bool, force: bool) -> None:
    """Remove a feature. Raises CommandError when it cannot be removed; then nothing is changed."""
    worktree.refuse_place(force=force)
    files = sorted(str(path.relative_to(ROOT)) for path in files_of_feature(name, ROOT))
    print("\n".join(files))
    say("What its collections hold stays in every database.")
    # Asked only on a terminal: git brings back what is removed.
    if not (yes or dry_run) and sys.stdin.isatty():
        confirm(f"Remove {name}, with these files?", refused="nothing was changed.")
    subject = f"feat({name})!: remove it"
    with worktree.one_commit(subject, dry_run=dry_run) as tree, dependencies.followed(tree) as changed:
        delete(name, tree.path)
        answers.note_removals(tree.path, features=features(tree.path))
    if changed:
        print("\n".join(changed))
    if not dry_run:
        say("It was removed, with one commit; `git revert HEAD` takes it back.")
