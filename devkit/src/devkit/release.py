"""Make a version of the product.

A failure or Ctrl-C takes back what was done, so the repository is either released or as it was. Nothing is pushed.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from devkit import ROOT, changelog, env
from devkit.extensions import extensions
from devkit.git import git
from devkit.history import is_starters
from devkit.signals import StopRequest, run_stoppable
from devkit.steps import Artifacts, Step, perform
from devkit.terminal import CommandError, coloured, say

_SETTINGS = ROOT / ".env"
_CHANGELOG = ROOT / "CHANGELOG.md"
_DOCUMENTS = (ROOT / "docs" / "openapi.json", ROOT / "docs" / "api.md")
_CHECKS = (sys.executable, "-m", "devkit", "check")
# The line that the packages read their version from, too.
_VERSION = re.compile(rb"^VERSION=([^\s#]+)", re.MULTILINE)


def release(*, version: str, branch: str, dry_run: bool, test: bool, build: bool, checks: str) -> None:
    """Release, or refuse with one clear line. Without a `version`, the commits say which is next."""
    stop = StopRequest()
    current = _current_version()
    refuse_place(branch)
    following = version or changelog.next_version(current)
    refuse_version(following, current)
    artifacts = _artifacts(following, stop) if build else []
    section = changelog.section(following)
    say(f"{current} -> {following}" + ("" if version else ", computed from the commits"))
    stop.check()
    if test:
        run_checks(shlex.split(checks) or _CHECKS, stop)
        # They take minutes, in which work may have gone on here.
        refuse_place(branch)
    else:
        _warn(f"--no-test: {following} IS NOT TESTED. It may not work at all.")
    steps = [*plan(following, section), *(made.step for made in artifacts)]
    if not build:
        _warn("--no-build: NOTHING IS BUILT of this version.")
    if dry_run:
        print("\n".join([*(f"would {step.title}" for step in steps), "", section]))
        print("Nothing was changed. After the release, push it with:")
    else:
        perform(steps, stop)
        print(f"Released {following}{'' if test else ' UNTESTED'}. Nothing is pushed yet; do it with:")
    _advise(branch, following, artifacts)


def _artifacts(version: str, stop: StopRequest) -> list[Artifacts]:
    """Return what folders of the toolbox make of a version; raises when one of them could not."""
    return [module.of_version(version, stop) for module in extensions("release_artifacts")]


def _advise(branch: str, version: str, artifacts: Iterable[Artifacts]) -> None:
    # In full, for a tag may be named like the branch.
    print(f"  git push --atomic origin refs/heads/{branch} refs/tags/v{version}")
    for made in artifacts:
        print("\n".join(made.publishing))


def _warn(warning: str) -> None:
    say(coloured(f"WARNING: {warning}", "red", sys.stderr))


def _current_version() -> str:
    versions = _VERSION.findall(_SETTINGS.read_bytes())
    if len(versions) != 1:
        raise CommandError(f"{_SETTINGS} must hold one line VERSION=..., and it holds {len(versions)}.")
    return str(versions[0].decode())


def refuse_place(branch: str) -> None:
    """Raise unless this is the branch to release from, with all of its history, and nothing in it is uncommitted."""
    here = git("rev-parse", "--symbolic-full-name", "HEAD").removeprefix("refs/heads/")
    if here != branch:
        raise CommandError(
            f"this is {'no branch' if here == 'HEAD' else here}, and {branch} is released: `git switch {branch}`, "
            "or name another one by --branch."
        )
    if git("rev-parse", "--is-shallow-repository") == "true":
        raise CommandError("this clone holds only the end of the history: `git fetch --unshallow --tags`.")
    if changed := git("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none").splitlines():
        names = ", ".join(line.split(maxsplit=1)[1] for line in changed[:3]) + ", ..." * (len(changed) > 3)
        raise CommandError(f"not everything is committed: {names}: commit it, or `git stash --include-untracked`.")


def refuse_version(version: str, current: str) -> None:
    """Raise unless a version can follow the current one."""
    if changelog.parsed(version) <= changelog.parsed(current):
        raise CommandError(f"{version} is not greater than {current}, the VERSION in .env.")
    if _is_tag(tag := f"v{version}") and is_starters(tag):
        raise CommandError(f"the tag {tag} is the starter's: `git tag --delete {tag}`, or choose another version.")
    if _is_tag(tag):
        raise CommandError(f"the tag {tag} exists: choose a greater version.")


def run_checks(command: Sequence[str], stop: StopRequest) -> None:
    """Run the command that must succeed; pass every request to stop on to it, as Ctrl-C."""
    say(f"running the checks: {shlex.join(Path(word).name for word in command)}")
    if run_stoppable(command, stop):
        raise CommandError("the checks have failed, so nothing is released: mend them. `--no-test` releases untested.")


def plan(version: str, section: str) -> list[Step]:
    """Return the steps of a release, in their order."""
    before = git("rev-parse", "HEAD")
    tag, subject = f"v{version}", f"chore(release): {version}"
    files = [_SETTINGS, _CHANGELOG, *_DOCUMENTS]
    names = " and ".join(str(path.relative_to(ROOT)) for path in _DOCUMENTS)
    return [
        Step(f"write VERSION={version} to .env", lambda: _write_version(version), _restorer(_SETTINGS)),
        Step("add its section to CHANGELOG.md", lambda: _write_changelog(section), _restorer(_CHANGELOG)),
        Step(f"write {names}", _write_documents, _restorer(*_DOCUMENTS)),
        Step(f"commit {subject}", lambda: _commit(subject, files), lambda: git("reset", "--quiet", before)),
        Step(f"tag {tag}", lambda: _tag(tag, version), lambda: _untag(tag)),
    ]


def _restorer(*paths: Path) -> Callable[[], None]:
    """Return what gives files the content that they have now."""
    before = {path: path.read_bytes() if path.exists() else None for path in paths}

    def restore() -> None:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)

    return restore


def _write_version(version: str) -> None:
    _SETTINGS.write_bytes(_VERSION.sub(f"VERSION={version}".encode(), _SETTINGS.read_bytes()))


def _write_changelog(section: str) -> None:
    existing = _CHANGELOG.read_text(encoding="utf-8") if _CHANGELOG.exists() else ""
    _CHANGELOG.write_text(changelog.with_section(existing, section), encoding="utf-8")


def _write_documents() -> None:
    # In a session of its own like everything that changes something: Ctrl-C is noted here, and nothing ends half done.
    command = (sys.executable, "-m", "devkit", "openapi")
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False, start_new_session=True).returncode:
        raise CommandError("the API's documents could not be written; the message above says why.")


def _commit(subject: str, paths: Sequence[Path]) -> None:
    git("add", "--", *map(str, paths))
    git("commit", "--quiet", "--message", subject)


def _tag(tag: str, version: str) -> None:
    git("tag", "--annotate", tag, "--message", f"{env.read(_SETTINGS)['PROJECT']} {version}")


def _untag(tag: str) -> None:
    if _is_tag(tag):
        git("tag", "--delete", tag)


def _is_tag(name: str) -> bool:
    return f"refs/tags/{name}" in git("for-each-ref", "--format=%(refname)", "refs/tags").splitlines()
