"""`invoke profile --live`: what really runs in a service, under load, seen from outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.commands.profile import profile as profile_command
from devkit.profiling import flamegraph
from devkit.profiling.pyspy import failure
from devkit.profiling.record import profile as record
from devkit.terminal import CommandError
from devkit.values import seconds

from .conftest import ROOT, Refusal, Stack

# As py-spy draws it, without its script.
PICTURE = """<?xml version="1.0" standalone="no"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">
<svg version="1.1" xmlns="http://www.w3.org/2000/svg" xmlns:fg="http://github.com/jonhoo/inferno"><svg id="frames">
<g><title>all (10 samples, 100%)</title><rect x="0%" y="52" width="100%" height="15" fg:x="0" fg:w="10"/></g>
<g><title>first (api/app.py:3) (6 samples, 60%)</title><rect x="0%" y="68" fg:x="0" fg:w="6"/></g>
<g><title>second (api/app.py:9) (4 samples, 40%)</title><rect x="60%" y="68" fg:x="6" fg:w="4"/></g>
<g><title>&lt;lambda&gt; (api/app.py:5) (5 samples, 50%)</title><rect x="10%" y="84" fg:x="1" fg:w="5"/></g>
<g><title>&lt;lambda&gt; (api/app.py:5) (1 samples, 10%)</title><rect x="60%" y="84" fg:x="6" fg:w="1"/></g>
</svg></svg>"""


def may_look_into_processes() -> bool:
    """Whether the system lets this user: root it does, others on Linux where nobody has forbidden it."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or (sys.platform == "linux" and (not scope.exists() or scope.read_text().strip() == "0"))


seen = pytest.mark.skipif(not may_look_into_processes(), reason="this user may not look into other processes")


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "devkit", "profile", "--reports", str(folder / "reports"), *arguments]


def environ(folder: Path) -> dict[str, str]:
    """Return an environment whose temporary files lie in a folder."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return {**os.environ, "NO_COLOR": "1", "TMPDIR": str(temporary)}


def profile(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    started = command(folder, "--data", str(folder / "data"), *arguments)
    return subprocess.run(
        started, cwd=ROOT, env=environ(folder), capture_output=True, text=True, check=False, timeout=180
    )


@seen
@pytest.mark.integration
def test_a_stack_in_production_is_watched_at_its_real_work_only(stack: Stack) -> None:
    stack.start("mode=production", "api=computes")
    stack.ready()
    done = profile(stack.folder, "--live", "1s", "--service", "api")
    assert done.returncode == 0, done.stderr
    assert f"the stack that runs at http://127.0.0.1:{stack.port}, as busy as its users make it" in done.stderr
    assert "compute (<string>:" in done.stdout
    assert [path.name for path in (stack.folder / "reports").glob("profile-*.svg")] == ["profile-api.svg"]


def test_without_a_stack_and_without_a_load_it_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no stack runs: start `invoke dev`"):
        record(["api"], 1, data=tmp_path / "data", reports=tmp_path / "reports", loads=[])


def test_a_function_itself_is_what_its_frames_are_wide_without_what_they_called(tmp_path: Path) -> None:
    (tmp_path / "picture.svg").write_text(PICTURE)
    frames = flamegraph.read(tmp_path / "picture.svg")
    assert flamegraph.samples(frames) == 10
    assert flamegraph.self_times(frames) == {
        "all": 0,
        "first (api/app.py:3)": 1,
        "second (api/app.py:9)": 3,
        "<lambda> (api/app.py:5)": 6,
    }


@pytest.mark.parametrize(
    ("said", "platform", "mend"),
    [
        ("Permission Denied: Try running again with elevated permissions", "linux", "sudo sysctl kernel.yama.ptrace"),
        ("Permission Denied: Try running again with elevated permissions", "linux", "--cap-add SYS_PTRACE"),
        ("Permission Denied: Try running again with elevated permissions", "darwin", "sudo env"),
        ("Error: Failed to get process executable name. Check that the process is running.", "linux", "start it again"),
        (
            "Error: Failed to write flamegraph: No stack counts found\n\nStack backtrace:",
            "linux",
            "while there is work",
        ),
        (
            "Error: something else\n\nStack backtrace:\n   0: x",
            "linux",
            "py-spy could not profile: Error: something else",
        ),
    ],
)
def test_what_py_spy_complains_of_is_told_with_its_mend(said: str, platform: str, mend: str) -> None:
    assert mend in str(failure(said, platform))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--live=soon"], "--live"),
        (["--live=0s"], "--live"),
        (["--live=-5"], "--live"),
        (["--live=5s", "--service=nothing"], "--service"),
        (["--service=api"], "--live"),
    ],
    ids=" ".join,
)
def test_an_invalid_option_is_refused_in_one_line_that_names_it(
    refusal: Refusal, arguments: list[str], named: str
) -> None:
    assert named in refusal(profile_command, *arguments)


def test_a_time_is_written_as_30s_5m_or_1h30m() -> None:
    assert [seconds("--live", text) for text in ("20", "20s", "1m", "1h30m", "2h5s")] == [20, 20, 60, 5400, 7205]
