"""`invoke update`: another version of the starter, as one commit, or as conflicts of git that are solved here."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import Any

from devkit import ROOT, answers, venv, worktree
from devkit.capability.declaration import STARTER, capabilities
from devkit.git import asked, git, uncommitted
from devkit.history import STARTER as ANSWERS
from devkit.signals import StopRequest, run_stoppable
from devkit.terminal import CommandError, say
from devkit.update import merge, products
from devkit.update.finish import finish
from devkit.update.listing import listing
from devkit.update.starter import Starter, cloned

# While conflicts are to be solved: the change that is merged, and the commit that was there before.
_NEW, _FORMER = "refs/update/new", "refs/update/former"
_GO_ON = "`invoke update --continue` goes on, `invoke update --abort` takes the update back."


def update(*, to: str, test: bool, checks: str) -> None:
    """Take the newest version of the starter, or a certain one. Raises CommandError; then nothing is changed."""
    given = _answers()
    _refuse_place()
    stop = StopRequest()
    with cloned(given, stop) as starter:
        old, new = _versions(starter, given, to)
        if not new:
            say(f"it is up to date: made from {starter.version(old)}, and the starter has nothing newer.")
            return
        message = f"chore: update the starter from {starter.version(old)} to {starter.version(new)}"
        with worktree.of_last_commit(stop) as tree:
            change = _difference(starter, (old, new), given, tree, message)
            former = git("rev-parse", "HEAD")
            stop.check()
            conflicts = merge.merge(change, tree.path, "--no-commit")
            stop.check()
            if not conflicts:
                worktree.bring(finish(tree, change, message))
    print("\n".join(listing(former, change, conflicts)))
    if conflicts:
        _leave_conflicts(change, former)
    _test(message, checks, stop, test=test)


def check(*, to: str) -> int:
    """Say whether there is a newer version of the starter; return 1 when there is."""
    given = _answers()
    with cloned(given, StopRequest()) as starter:
        old, new = _versions(starter, given, to)
        if new:
            print(f"{starter.version(new)} is newer than {starter.version(old)}: `invoke update` takes it.")
            return 1
        print(f"{starter.version(old)} is up to date.")
        return 0


def proceed(*, test: bool, checks: str) -> None:
    """Finish an update whose conflicts are solved. Raises CommandError when one is not; then nothing is changed."""
    if not (change := asked("rev-parse", "--verify", "--quiet", _NEW)):
        raise CommandError("no update is under way: `invoke update` begins one.")
    former, message = git("rev-parse", _FORMER), git("log", "-1", "--format=%s", change)
    stop = StopRequest()
    picked = _is_under_way(change)
    if picked:
        _refuse_unsolved()
    elif git("show", f"HEAD:{ANSWERS}") == git("show", f"{change}:{ANSWERS}"):
        # What was solved is committed already; what is made anew becomes a commit of its own.
        worktree.refuse_place(force=False)
    else:
        _forget()
        raise CommandError("the update was taken back: `invoke update` begins it anew.")
    solved = merge.staged()
    with worktree.of_last_commit(stop) as tree:
        git("-C", str(tree.path), "read-tree", "--reset", "-u", solved)
        made = finish(tree, change, message)
        if merge.staged() != solved:
            raise CommandError("files were changed meanwhile: `invoke update --continue` again.")
        git("reset", "--quiet", "--hard", made)
    _forget()
    print("\n".join(listing(former, change, {})))
    _test(message, checks, stop, test=test)


def abort() -> None:
    """Take back an update that waits for its conflicts to be solved."""
    change = asked("rev-parse", "--verify", "--quiet", _NEW)
    if not change or not _is_under_way(change):
        raise CommandError("no update is under way; `git revert HEAD` takes back one that was committed.")
    StopRequest()
    git("reset", "--quiet", "--hard", git("rev-parse", "HEAD"))
    _forget()
    say("The update was taken back; everything is as it was before.")


def _answers() -> dict[str, Any]:
    if not (given := answers.read(ROOT)):
        raise CommandError(
            f"{ANSWERS} is not there, so this is the starter or a clone of it: `git pull` takes what is new, and "
            "`invoke rename NAME` makes a product of it."
        )
    return given


def _refuse_place() -> None:
    if asked("rev-parse", "--verify", "--quiet", "CHERRY_PICK_HEAD"):
        raise CommandError(f"an update or another pick is under way here, see `git status`: {_GO_ON}")
    worktree.refuse_place(force=True)
    if changed := uncommitted():
        raise CommandError(
            f"changed or new files: {len(changed)}. Commit them first, or `git stash --include-untracked`."
        )
    if STARTER in capabilities(ROOT):
        raise CommandError(f"what is the starter's own is still here: run `invoke remove {STARTER}` first.")


def _versions(starter: Starter, given: dict[str, Any], to: str) -> tuple[str, str]:
    """Return the commit that this product was made from, and that of the update; the latter empty without a newer."""
    version = str(given.get("_commit", ""))
    if not version or not (old := starter.commit(version)):
        raise CommandError(
            f"{version or 'no version'} is what {ANSWERS} says this product was made from, and the starter at "
            f"{starter.address} does not have that: write the right tag or commit there, as `_commit: VERSION`."
        )
    if not to:
        new = starter.newest()
        return old, "" if starter.is_before(new, old) else new
    if not (new := starter.commit(to)):
        known = ", ".join(starter.releases()[:5]) or "no releases, but commits"
        raise CommandError(f"the starter at {starter.address} has no version {to}: it has {known}.", code=2)
    if new != old and starter.is_before(new, old):
        raise CommandError(
            f"{to} is older than {version}, and an update only goes on: `git revert` takes an update back.", code=2
        )
    return old, "" if new == old else new


def _difference(
    starter: Starter, versions: tuple[str, str], given: dict[str, Any], tree: worktree.Worktree, message: str
) -> str:
    """Return a commit that changes the product of one version to the product of another one."""
    stop = tree.stop
    # What an interrupted copier has started may still write there.
    with tempfile.TemporaryDirectory(prefix="update-", ignore_cleanup_errors=True) as temporary:
        folders = [Path(temporary).resolve() / name for name in ("old", "new")]
        for commit, chosen, folder in zip(versions, products.choices(given, starter, *versions), folders, strict=True):
            products.make(starter, commit, chosen, folder, stop)
        return merge.difference(folders[0], folders[1], tree, message)


def _leave_conflicts(change: str, former: str) -> None:
    """Merge here, where the conflicts can be solved, and end."""
    git("update-ref", _FORMER, former)
    git("update-ref", _NEW, change)
    conflicts = merge.merge(change, ROOT)
    raise CommandError(f"conflicts to be solved: {len(conflicts)}, see above. Then {_GO_ON}")


def _is_under_way(change: str) -> bool:
    return asked("rev-parse", "--verify", "--quiet", "CHERRY_PICK_HEAD") == change


def _refuse_unsolved() -> None:
    if left := merge.conflicts(ROOT):
        lines = "".join(f"\n  {path}: {merge.what_to_do(letters, path)}" for path, letters in left.items())
        raise CommandError(f"conflicts left: {len(left)}{lines}")
    if marked := merge.marked(merge.changed("HEAD")):
        raise CommandError(f"marks of a conflict still stand in {', '.join(marked)}: solve these places.")


def _forget() -> None:
    for name in (_NEW, _FORMER):
        git("update-ref", "-d", name)


def _test(message: str, checks: str, stop: StopRequest, *, test: bool) -> None:
    say(f"Committed: {message}. `git revert HEAD` takes it back.")
    if not test:
        say("--no-test: whether it works is for you to see, by `invoke check` and `nox`.")
        return
    # Through `invoke`, which brings .venv up to date before.
    if run_stoppable(shlex.split(checks) or [venv.program("invoke"), "check"], stop):
        raise CommandError("the update is committed, and the checks fail: mend what they tell, or `git revert HEAD`.")
    say("The checks pass. `nox` runs all tests.")
