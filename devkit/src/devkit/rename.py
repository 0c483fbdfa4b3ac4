"""Give the product another name, in one commit; data and `.env.local` stay, and it says what becomes of them.

The files are prepared beside the repository's own and put in their place in one step each; the commit comes last. A
failure or Ctrl-C takes everything back, and what a killed run has left is taken back by the next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.settings_files import named_after_project
from devkit import ROOT, clean, env, names
from devkit.capability import declaration as capability
from devkit.extensions import extensions
from devkit.feature.delete import features
from devkit.git import asked, git, note_on_branch, uncommitted
from devkit.history import STARTER
from devkit.project.source import address, source_line
from devkit.replacement import Change, Replacement
from devkit.servers.selection import backends
from devkit.signals import StopRequest
from devkit.steps import Step, perform
from devkit.terminal import CommandError, confirm, say

_SETTINGS = ".env"
_PROJECT = re.compile(rb"^PROJECT=([^\s#]*)", re.MULTILINE)
# As copier writes it. What came before the commit that adds it is no part of the product's changelog.
_BEGINNING = """\
# Where this product was made from, and what was chosen; written by copier, and read by its updates.
_commit: {commit}
{source}features: {features}
port: 0
project_name: {name}
without: []
"""


@dataclass(frozen=True)
class Options:
    """What is asked of a new name."""

    name: str
    dry_run: bool = False
    confirmed: bool = False
    # Also where other work is not committed, and where there is no git.
    force: bool = False


def rename(options: Options) -> None:
    """Rename, or refuse with one clear line."""
    clean.refuse_while_running(ROOT / ".data")
    replacement = Replacement(ROOT)
    replacement.recover()
    commit = _commit_here(forced=options.force)
    old = _present_name()
    if options.name == old:
        say(f"nothing to do: {old} is the product's name already")
        return
    names.refuse(options.name)
    changes = list(_changes(old, options.name, commit))
    if commit:
        _refuse_uncommitted([change.path for change in changes], forced=options.force)
    subject = f"chore: rename {old} to {options.name}"
    print("\n".join(_plan(changes, subject if commit else "", old)))
    if options.dry_run:
        print("Nothing was changed.")
        return
    if not options.confirmed:
        confirm(f"Rename {old} to {options.name}?", refused="nothing was changed.")
    _carry_out(replacement, changes, commit, subject)
    print("\n".join(_afterwards(old, options.name, commit)))


def _commit_here(*, forced: bool) -> str:
    """Return the present commit; empty where there is none and that was accepted."""
    if asked("ls-files", "--", _SETTINGS) and (commit := asked("rev-parse", "--verify", "HEAD")):
        return commit
    if not forced:
        raise CommandError(
            "no git repository holds these files, so nothing could take the change back: "
            "`git init && git add --all && git commit --message start`, or --force renames without a commit."
        )
    return ""


def _present_name() -> str:
    found = _PROJECT.findall((ROOT / _SETTINGS).read_bytes())
    if len(found) != 1 or not found[0]:
        raise CommandError(f".env must hold one line PROJECT=name, and it holds {len(found)}.")
    return str(found[0].decode(errors="replace"))


def _changes(old: str, new: str, commit: str) -> Iterator[Change]:
    settings = (ROOT / _SETTINGS).read_bytes()
    yield Change(_SETTINGS, _PROJECT.sub(f"PROJECT={new}".encode(), settings))
    # Whether this makes a product of the starter.
    first = bool(commit) and not (ROOT / STARTER).exists()
    for path in sorted(path for pattern in names.FOR_PEOPLE for path in ROOT.glob(pattern)):
        content = path.read_bytes()
        if path.name == "CHANGELOG.md":
            after = None if first else content
        else:
            after = names.pattern_of(old).sub(new.encode(), content)
        if after != content:
            yield Change(path.name, after)
    if first:
        yield Change(STARTER, _answers(new, commit).encode())


def _answers(name: str, commit: str) -> str:
    """Return what copier would have been answered for this: everything is kept, the ports too."""
    made_from = asked("describe", "--tags", "--always", commit)
    source = source_line(address(str(ROOT)))
    return _BEGINNING.format(commit=made_from, source=source, features=json.dumps(features(ROOT)), name=name)


def _refuse_uncommitted(planned: Sequence[str], *, forced: bool) -> None:
    """Raise unless everything is committed; when forced, unless what is to be changed is."""
    if found := [path for path in uncommitted() if path in planned or not forced]:
        told = ", ".join(found[:3]) + ", ..." * (len(found) > 3)
        raise CommandError(f"not everything is committed: {told}: commit it, or `git stash --include-untracked`.")


def _carry_out(replacement: Replacement, changes: Sequence[Change], commit: str, subject: str) -> None:
    stop = StopRequest()
    paths = [change.path for change in changes]
    with replacement.prepared(changes, commit):
        steps = [Step("write the new name", replacement.put, replacement.take_back)]
        if commit:
            steps.append(Step(f"commit {subject}", lambda: _commit(subject, paths), lambda: _uncommit(commit, paths)))
        perform(steps, stop)


def _commit(subject: str, paths: Sequence[str]) -> None:
    git("add", "--", *paths)
    # These paths alone, whatever else is staged.
    git("commit", "--quiet", "--message", subject, "--", *paths)


def _uncommit(commit: str, paths: Sequence[str]) -> None:
    git("reset", "--quiet", "--soft", commit)
    git("reset", "--quiet", "--", *paths)


def _plan(changes: Sequence[Change], subject: str, old: str) -> Iterator[str]:
    for change in changes:
        yield f"{'deletes' if change.after is None else 'writes'} {change.path}"
    yield f"commits {subject}" if subject else "commits nothing, for there is no repository"
    yield from _about_data(old)


def _about_data(old: str) -> Iterator[str]:
    """Yield what becomes of the data, which are no part of the repository."""
    for backend in backends():
        yield backend.about_former(old)
    for module in extensions("renaming"):
        yield from module.about_data()
    local = env.read(ROOT / ".env.local")
    own = [name for name in ("PROJECT", *named_after_project()) if local.get(name)]
    kept = f"; {', '.join(own)} in it win over the new name: delete what is to follow it" if own else ""
    yield f".env.local stays as it is, and its secrets open the data under the new name too{kept}."


def _afterwards(old: str, new: str, commit: str) -> Iterator[str]:
    made = git("rev-parse", "--short", "HEAD") if commit else ""
    yield f"{old} is {new} now" + (f"; `git revert {made}` takes it back." if made else ".")
    if commit and (note := note_on_branch()):
        yield note
    yield "README.md, LICENSE and SECURITY.md are the starter's texts, with the new name: make them yours."
    if capability.STARTER in capability.capabilities(ROOT):
        yield f"`invoke remove {capability.STARTER}` removes what else is the starter's own, such as its CI."
    yield from _about_data(old)
