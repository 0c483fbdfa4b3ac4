"""Lists the capabilities of this repository, and removes some, documents and dependencies included, as one commit."""

import sys
from collections.abc import Sequence

from devkit import ROOT, answers, local_secrets, worktree
from devkit.capability.declaration import Capability, capabilities, chosen
from devkit.capability.delete import delete, mentions
from devkit.capability.users import refuse_used
from devkit.feature import dependencies
from devkit.feature.delete import delete as delete_feature
from devkit.feature.delete import features as features_of
from devkit.terminal import CommandError, confirm, say, table
from devkit.worktree import Worktree


def show() -> None:
    """Print the capabilities that are there."""
    there = capabilities(ROOT)
    rows = []
    for capability in there.values():
        own = capability.all_files(ROOT)
        lines = sum(path.read_bytes().count(b"\n") for path in own)
        needs = [*capability.needs, *filter(None, [" or ".join(capability.one_of)])]
        needed = [other.name for other in there.values() if capability.name in (*other.needs, *other.one_of)]
        rows.append([capability.name, capability.title, *map(_listed, (needs, needed)), len(own), lines])
    print(table(("capability", "what it is", "needs", "needed by", "files", "lines"), rows))


def remove(names: Sequence[str], *, yes: bool, dry_run: bool, force: bool) -> None:
    """Remove capabilities. Raises CommandError when they cannot be removed; then nothing is changed."""
    _refuse_features(names)
    gone = chosen(names, ROOT)
    refuse_used(gone, ROOT)
    worktree.refuse_place(force=force)
    print("\n".join(str(path.relative_to(ROOT)) for capability in gone for path in capability.paths(ROOT)))
    words = " and ".join(capability.name for capability in gone)
    # Asked only on a terminal: git brings back what is removed.
    if not (yes or dry_run) and sys.stdin.isatty():
        confirm(f"Remove {words}, with these files?", refused="nothing was changed.")
    with worktree.one_commit(f"feat!: remove {words}", dry_run=dry_run) as tree:
        print("\n".join(take_away(gone, tree)))
        answers.note_removals(tree.path, features=features_of(tree.path), capabilities=names)
        left = mentions(gone, tree.path)
    if left:
        places = "\n".join(left)
        say(f"These places still speak of {words}; they are yours to change:\n{places}")
    if not dry_run:
        _tell_unknown()
        say(f"{words} {'was' if len(gone) == 1 else 'were'} removed, with one commit; `git revert HEAD` takes it back.")


def _refuse_features(names: Sequence[str]) -> None:
    """Raise CommandError when one of the names is that of a feature, which another command removes."""
    if feature := next((name for name in names if name in features_of(ROOT)), None):
        raise CommandError(f"{feature} is a feature: run `invoke remove feature {feature}`.", code=2)


def _tell_unknown() -> None:
    """Tell, by their names alone, the secrets of what is gone: git could not bring them back."""
    if unknown := local_secrets.unknown():
        say(f".env.local still sets {', '.join(unknown)}, which nothing reads now: these lines are yours to remove.")


def take_away(gone: Sequence[Capability], tree: Worktree, *, features: Sequence[str] = ()) -> list[str]:
    """Delete capabilities and features in a worktree, and make there what follows from it.

    Returns what else was changed, in lines for people.
    """
    with dependencies.followed(tree) as changed:
        # First the features, for some of them go with a capability.
        for feature in features:
            delete_feature(feature, tree.path)
        for capability in gone:
            changed += [f"{name}: without what it says of {capability.name}" for name in delete(capability, tree.path)]
    return changed


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"
