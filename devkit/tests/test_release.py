"""Releases in a repository of their own, by the real git and git-cliff; the checks are replaced by an argument."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from devkit.changelog import parsed
from devkit.terminal import CommandError

from .conftest import commit, git, release, run_in, state


def refusal(root: Path, *arguments: str, checks: str = "true") -> str:
    """The one clear line of a release that is refused, and has changed nothing."""
    before = state(root)
    done = release(root, *arguments, checks=checks)
    assert done.returncode == 1
    assert state(root) == before
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in done.stderr
    return line


def test_versions_are_ordered_as_semver_says() -> None:
    stages = ["0.1.0-alpha.2", "0.1.0-alpha.10", "0.1.0-beta.1", "0.1.0-rc.1", "0.1.0"]
    found = [parsed(text) for text in [*stages, "0.1.1", "0.2.0", "0.10.0", "1.0.0-rc.1", "1.0.0"]]
    assert found == sorted(set(found))


@pytest.mark.parametrize("text", ["", "1", "1.2", "v1.2.0", "1.2.0.0", "01.2.0", "1.2.0-final", "1.2.0+5", "1.2.0\n"])
def test_what_is_no_version_is_told_how_one_looks(text: str) -> None:
    with pytest.raises(CommandError, match=r"such as 1\.2\.0"):
        parsed(text)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("1.2", "1.2 is no SemVer version"),
        ("0.1.0", "0.1.0 is not greater than 0.1.0"),
        ("0.1.0-rc.1", "0.1.0-rc.1 is not greater than 0.1.0"),
        ("1.2.0", "the tag v1.2.0 exists"),
    ],
)
def test_a_version_that_cannot_follow_is_refused(repository: Path, version: str, reason: str) -> None:
    git(repository, "tag", "v1.2.0")
    assert reason in refusal(repository, "--version", version)


def test_another_branch_is_refused_unless_it_is_named(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "trunk")
    assert "this is trunk, and main is released" in refusal(repository, "--version", "1.2.0")
    done = release(repository, "--version", "1.2.0", "--branch", "trunk", "--dry-run")
    assert "git push --atomic origin refs/heads/trunk refs/tags/v1.2.0" in done.stdout


def test_what_is_not_committed_is_refused_and_named(repository: Path) -> None:
    (repository / "new.txt").write_text("")
    with (repository / ".env").open("a") as stream:
        stream.write("# changed\n")
    line = refusal(repository, "--version", "1.2.0")
    assert "not everything is committed: .env, new.txt: " in line


def test_a_forgotten_file_is_named_also_where_git_shows_no_untracked_files(repository: Path) -> None:
    git(repository, "config", "status.showUntrackedFiles", "no")
    (repository / "new.txt").write_text("")
    assert "not everything is committed: new.txt: " in refusal(repository, "--version", "1.2.0")


def test_a_tag_that_is_named_like_the_branch_changes_nothing(repository: Path, tmp_path: Path) -> None:
    git(repository, "tag", "main")
    done = release(repository, "--version", "1.2.0", "--no-test")
    assert done.returncode == 0, done.stderr
    (advice,) = [line.strip() for line in done.stdout.splitlines() if "git push" in line]
    upstream = tmp_path / "upstream.git"
    git(tmp_path, "init", "--quiet", "--bare", str(upstream))
    git(repository, "remote", "set-url", "origin", str(upstream))
    git(repository, *advice.removeprefix("git ").split())
    assert git(upstream, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/tags/v1.2.0"]


def test_a_commit_without_a_branch_is_refused(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--detach")
    assert "this is no branch, and main is released" in refusal(repository, "--version", "1.2.0")


def test_a_part_of_the_history_is_refused(repository: Path, tmp_path: Path) -> None:
    commit(repository, "fix: count again")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", str(shallow))
    assert "git fetch --unshallow --tags" in refusal(shallow, "--version", "1.2.0")


def test_red_checks_are_refused_and_skipping_them_is_said_loudly(repository: Path) -> None:
    assert "--no-test" in refusal(repository, "--version", "1.2.0", checks="false")
    done = release(repository, "--version", "1.2.0", "--no-test", "--dry-run", checks="false")
    assert done.returncode == 0
    assert "WARNING: --no-test: 1.2.0 IS NOT TESTED" in done.stderr


def test_work_that_goes_on_while_the_checks_run_is_refused(repository: Path) -> None:
    done = release(repository, "--version", "1.2.0", checks="touch new.txt")
    assert done.returncode == 1
    assert "not everything is committed: new.txt" in done.stderr


def test_a_release_without_a_new_commit_needs_a_version(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    commit(repository, "test: count in another way")
    assert "nothing to release" in refusal(repository)


@pytest.mark.parametrize(
    ("current", "message", "following"),
    [
        ("0.1.0", "docs: say more", "0.1.1"),
        ("0.1.0", "count words", "0.1.1"),
        ("0.1.0", "fix: count\n\nBREAKING CHANGE: words are numbers", "0.2.0"),
        ("1.4.2", "fix: count", "1.4.3"),
        ("1.4.2", "feat: count", "1.5.0"),
        ("1.4.2", "refactor!: count", "2.0.0"),
        ("1.5.0-rc.1", "fix: count", "1.5.0-rc.2"),
    ],
)
def test_the_next_version_is_computed_from_the_commits(
    repository: Path, current: str, message: str, following: str
) -> None:
    settings = repository / ".env"
    settings.write_text(settings.read_text().replace("VERSION=0.1.0", f"VERSION={current}"))
    commit(repository, "chore(release): the last one")
    git(repository, "tag", f"v{current}")
    commit(repository, message)
    assert f"would write VERSION={following} to .env" in release(repository, "--dry-run").stdout


def test_a_dry_run_shows_every_step_and_changes_nothing(repository: Path) -> None:
    before = state(repository)
    done = release(repository, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert state(repository) == before
    for said in (
        "would write VERSION=0.2.0 to .env",
        "would add its section to CHANGELOG.md",
        "would write docs/openapi.json and docs/api.md",
        "would commit chore(release): 0.2.0",
        "would tag v0.2.0",
        "### Features\n\n- report: count words\n",
        "git push --atomic origin refs/heads/main refs/tags/v0.2.0",
    ):
        assert said in done.stdout


@pytest.mark.integration
def test_the_first_release_and_the_next_one(repository: Path) -> None:
    first = release(repository)
    assert first.returncode == 0, first.stderr
    assert "git push --atomic origin refs/heads/main refs/tags/v0.2.0" in first.stdout
    assert git(repository, "log", "-1", "--format=%s%d") == "chore(release): 0.2.0 (HEAD -> main, tag: v0.2.0)"
    assert git(repository, "cat-file", "-t", "v0.2.0") == "tag"
    assert git(repository, "status", "--porcelain") == ""
    changed = git(repository, "show", "--format=", "--name-only", "HEAD").splitlines()
    assert changed == [".env", "CHANGELOG.md", "docs/api.md", "docs/openapi.json"]
    assert json.loads((repository / "docs" / "openapi.json").read_text())["info"]["version"] == "0.2.0"
    for check in ("openapi", "lock"):
        assert run_in(repository, "-m", "devkit", check, "--check").returncode == 0

    changelog = repository / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("count words", "count all words"))
    commit(repository, "docs: correct the changelog")
    commit(repository, "fix(api)!: answer numbers\n\nBREAKING CHANGE: texts are gone")
    assert release(repository, "--version", "1.0.0").returncode == 0
    text = re.sub(r"\d{4}-\d\d-\d\d", "DAY", changelog.read_text())
    assert text.partition("\n\n## ")[2] == (
        "1.0.0 (DAY)\n\n### Fixes\n\n- **Breaking:** api: answer numbers. texts are gone\n\n"
        "### Other changes\n\n- correct the changelog\n\n"
        "## 0.2.0 (DAY)\n\n### Features\n\n- report: count all words\n"
    )


def test_a_release_is_signed_where_git_is_told_to(repository: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "signers").write_text(f"ada@work.example {key.with_suffix('.pub').read_text()}")
    settings = {"gpg.format": "ssh", "user.signingKey": f"{key}.pub", "tag.gpgSign": "true"}
    settings["gpg.ssh.allowedSignersFile"] = str(tmp_path / "signers")
    for name, value in settings.items():
        git(repository, "config", name, value)
    assert release(repository, "--version", "1.2.0").returncode == 0
    git(repository, "verify-tag", "v1.2.0")
