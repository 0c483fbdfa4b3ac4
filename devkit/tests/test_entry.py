"""How `invoke` gets into `.venv`, whatever the shell has set and wherever the clone lies."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, give_venv, private_environ, run_in

# Python itself without our packages: what `invoke` may be installed for.
BARE = os.path.realpath(sys.executable)


def enter(root: Path, *words: str, folder: str = ".", **environ: str) -> subprocess.CompletedProcess[str]:
    """Begin a command in a Python that has nothing installed, as an `invoke` of elsewhere would."""
    code = f"import runpy, sys; sys.argv = ['invoke', *{words!r}]; runpy.run_path({str(root / 'tasks.py')!r})"
    environ = {**private_environ(root), **environ}
    del environ["PYTHONPATH"]
    return subprocess.run(
        [BARE, "-c", code],
        cwd=root / folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def root(clone: Path) -> Path:
    give_venv(clone)
    return clone


@pytest.fixture
def bare(clone: Path) -> Path:
    """A copy without `.venv`."""
    give_venv(clone)
    subprocess.run(["rm", "-r", clone / ".venv", clone / ".env.local"], check=True)
    return clone


@pytest.mark.parametrize("folder", [".", "libs/common"])
def test_a_python_without_anything_becomes_the_one_of_the_environment(root: Path, folder: str) -> None:
    done = enter(root, "--list", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "check-all" in done.stdout


@pytest.mark.parametrize(
    "setting",
    ["PYTHONSAFEPATH=1", "PYTHONWARNINGS=error", "UV_REQUIRE_HASHES=1", "PYTHONOPTIMIZE=2", "LC_ALL=C", "PYTHONPATH=/"],
)
@pytest.mark.parametrize("words", [["lock", "--check"], ["doctor"]], ids=" ".join)
def test_what_the_shell_has_set_stops_no_command(root: Path, setting: str, words: list[str]) -> None:
    name, _, value = setting.partition("=")
    done = enter(root, *words, **{name: value})
    assert "Traceback" not in done.stderr
    # The copy's secrets are missing, which the doctor tells.
    assert done.returncode == (1 if words == ["doctor"] else 0), done.stderr
    assert "mend: invoke install" in done.stdout or words != ["doctor"]


def test_a_module_in_the_folder_of_the_user_is_not_imported(root: Path) -> None:
    (root / "libs" / "invoke.py").write_text("raise SystemExit('the wrong one')\n")
    done = enter(root, "lock", "--check", folder="libs")
    assert (done.returncode, done.stderr) == (0, "")


def test_completion_never_installs(bare: Path) -> None:
    done = enter(bare, "--complete", "--", "invoke", "db")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (bare / ".venv").exists()


def test_the_doctor_works_without_an_environment_and_names_the_mend(bare: Path) -> None:
    done = enter(bare, "doctor", PYPI_INDEX_URL="http://127.0.0.1:1/simple")
    assert done.returncode == 1
    assert "wrong  .venv is missing\n       mend: invoke install\n" in done.stdout
    assert not (bare / ".venv").exists()


def test_the_doctor_names_what_is_broken_in_the_environment_and_the_mend(root: Path) -> None:
    (root / "devkit" / "src" / "devkit" / "doctor.py").write_text("import no_such_library\n")
    done = enter(root, "doctor")
    assert done.returncode == 1
    assert "wrong  .venv is broken: ModuleNotFoundError: No module named 'no_such_library'\n" in done.stdout
    assert "mend: invoke clean --yes, then invoke install" in done.stdout


def test_a_command_names_the_mend_of_an_environment_that_lost_a_program(root: Path) -> None:
    (root / ".venv" / "bin" / "invoke").unlink()
    done = enter(root, "lock", "--check")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "run `invoke clean`, then `invoke install`" in done.stderr


def test_clean_works_without_an_environment_and_takes_its_options_only(bare: Path) -> None:
    (bare / "reports").mkdir()
    refused = enter(bare, "clean", "--everything")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "error: `clean` does not take --everything; it takes --data, --yes.\n"
    done = enter(bare, "clean", "-y")
    assert (done.returncode, done.stderr) == (0, "deleted reports\n")
    assert not (bare / "reports").exists()


def test_clean_deletes_an_environment_only_after_a_yes(root: Path) -> None:
    refused = enter(root, "clean")
    assert refused.returncode == 1
    assert "error: Delete .venv?" in refused.stderr
    assert "repeat with --yes" in refused.stderr
    assert (root / ".venv").exists()
    assert enter(root, "clean", "--yes").returncode == 0
    assert not (root / ".venv").exists()


def test_the_words_behind_two_dashes_reach_pytest_as_they_were_typed() -> None:
    words = ["--collect-only", "-q", "-n0", "libs/common/tests/test_config.py", "-k", "frozen or repr"]
    done = run_in(ROOT, "-m", "devkit", "test", "--", *words)
    assert done.returncode == 0, done.stderr
    assert {line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line} == {
        "test_settings_are_frozen",
        "test_secrets_are_in_no_repr_and_in_no_error",
    }


@pytest.mark.integration
def test_a_folder_with_a_hash_and_other_letters_in_its_name_is_installed_from(clone: Path, tmp_path: Path) -> None:
    root = tmp_path / "ün #1"
    clone.rename(root)
    shutil.copy(ROOT / "tasks.py", root)
    for folder in ("libs", "services"):
        shutil.copytree(ROOT / folder, root / folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    done = enter(root, "lock", "--check", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert "bringing .venv in line" in done.stderr
    assert enter(root, "doctor", LC_ALL="C").stdout.count(".venv is what the locks say") == 1


@pytest.mark.parametrize("folder", [".", "devkit/src"])
def test_the_installed_commands_refuse_to_act_for_another_copy(clone: Path, folder: str) -> None:
    environ = {key: value for key, value in private_environ(clone).items() if key != "PYTHONPATH"}
    command = [sys.executable, "-P", "-m", "devkit", "lock", "--check"]
    done = subprocess.run(command, cwd=clone / folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert str(clone) in line
    assert str(ROOT) in line
