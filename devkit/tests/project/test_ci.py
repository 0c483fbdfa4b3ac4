"""The continuous integration of products: each forge reads its file, and what the files type works in a product."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types
from pytest_httpserver import HTTPServer
from tests.docs.blocks import sessions
from tests.docs.test_named_commands import complaint, words_of

from devkit import forges
from devkit.capability.declaration import capabilities
from devkit.ports import unused

from ..capabilities.remains import mentions
from ..features.copies import ROOT, run, run_here
from .starting import refusal

NAME = "q9-zebra"
# What only prepares a machine.
_PREPARING = re.compile(r"(sudo )?(apt-get|pip|git|python3\S*|cd|set|test|echo|sh|\.) ")
AUDIT = ("nox", "-s", "audit", "--", "--url")
EACH = pytest.mark.parametrize("forge", forges.PLACES)


def template(forge: str) -> str:
    return (ROOT / f"devkit/src/devkit/forges/templates/{forge}.yml").read_text(encoding="utf-8")


def lines(document: object) -> Iterator[str]:
    """Yield what a forge's file types, in its order."""
    if isinstance(document, list):
        for each in document:
            yield from lines(each)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key in {"run", "script", "commands"}:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from lines(value)


def typed(text: str) -> list[str]:
    """Return the commands of ours in a forge's file."""
    commands = [re.sub(r"^(CI=true |if .*; then )|; fi$", "", line) for line in lines(yaml.safe_load(text))]
    return [command for command in dict.fromkeys(commands) if not _PREPARING.match(command)]


@EACH
def test_each_forge_types_the_same_commands_and_they_exist(forge: str) -> None:
    commands = typed(template(forge))
    assert commands == typed(template("github"))
    assert commands[:3] == ["invoke check", "nox -s coverage", "nox -s audit"]
    assert [problem for words in words_of(commands) if (problem := complaint(words))] == []
    named = {name for command in commands if command.startswith("nox -s ") for name in command.split()[2:]}
    assert named <= sessions()


@EACH
def test_the_python_of_a_forge_is_that_of_production_and_of_a_session(forge: str) -> None:
    (version,) = set(re.findall(r'(?:python-version: "|image: python:|- python)(3\.\d+)', template(forge)))
    assert f'"{version}"' in (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\w+=python:(3\.\d+)", (ROOT / ".env").read_text(encoding="utf-8"))) <= {version}


@pytest.fixture(scope="module")
def products(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Products by what was chosen for them: two forges with every capability, and all forges with none."""
    every = ",".join(name for name in capabilities(ROOT) if name != "starter")
    choices: dict[str, tuple[str, ...]] = {
        "two": ("--ci", "gitlab,gitee"),
        "bare": ("--ci", ",".join(forges.PLACES), "--without", every, "--features", "hello"),
    }
    folder = tmp_path_factory.mktemp("products")
    for name, options in choices.items():
        (folder / name).mkdir()
        run_here(starter, "-m", "devkit", "new", "project", str(folder / name / NAME), "--yes", *options)
    return {name: folder / name / NAME for name in choices}


def present(product: Path) -> set[str]:
    return {forge for forge, place in forges.PLACES.items() if (product / place).exists()}


def is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


@pytest.mark.features
def test_a_product_has_the_files_that_were_chosen_and_nothing_of_the_starters(products: Mapping[str, Path]) -> None:
    assert {name: present(product) for name, product in products.items()} == {
        "two": {"gitlab", "gitee"},
        "bare": set(forges.PLACES),
    }
    for product in products.values():
        for forge in present(product):
            text = (product / forges.PLACES[forge]).read_text(encoding="utf-8")
            assert not re.search(r"\.ci/|matrix|features|-s docs", text)
        assert run(product, "git", "status", "--porcelain") == ""
        # Git does not tell of a folder in which nothing is left.
        assert [path for path in product.rglob("*") if is_empty_folder(path) and ".git" not in path.parts] == []
    assert "ci:\n- gitee\n- gitlab\n" in (products["two"] / ".copier-answers.yml").read_text(encoding="utf-8")


@pytest.mark.features
def test_what_is_left_out_is_not_in_the_files(products: Mapping[str, Path]) -> None:
    gone = [capability for name, capability in capabilities(ROOT).items() if name != "starter"]
    said = list(mentions(products["bare"], gone))
    assert [line for line in said if line.startswith(tuple(forges.PLACES.values()))] == []
    for forge in forges.PLACES:
        commands = typed((products["bare"] / forges.PLACES[forge]).read_text())
        assert commands == ["invoke check", "nox -s coverage", "nox -s audit"]


@pytest.mark.features
@pytest.mark.parametrize("name", ["two", "bare"])
def test_the_forges_schemas_accept_the_files(products: Mapping[str, Path], name: str) -> None:
    run_here(products[name], "-m", "devkit", "lint")


@pytest.mark.features
@EACH
def test_a_file_that_its_forge_would_refuse_is_refused_by_lint(products: Mapping[str, Path], forge: str) -> None:
    place = products["bare"] / forges.PLACES[forge]
    text = place.read_text(encoding="utf-8")
    broken = {"github": ("runs-on", "run-on"), "gitlab": ("script:", "scripts:"), "gitee": ("hostGroupID", "host")}
    place.write_text(text.replace(*broken[forge]), encoding="utf-8")
    try:
        done = linted(products["bare"])
    finally:
        place.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert forges.PLACES[forge] in done.stdout + done.stderr


def linted(product: Path) -> "subprocess.CompletedProcess[str]":
    """Run the one check of these files."""
    program = (
        "import subprocess, sys; from devkit.check import _program, source_files;"
        "from devkit.forges.linting import commands;"
        "sys.exit(max(subprocess.run(command).returncode for command in commands(source_files(), _program)))"
    )
    environ: dict[str, Any] = {"PYTHONPATH": str(product / "devkit/src"), "PATH": "/usr/bin:/bin"}
    return subprocess.run([sys.executable, "-c", program], cwd=product, env=environ, capture_output=True, text=True)


@pytest.mark.features
def test_a_forge_that_is_not_known_is_refused(starter: Path, tmp_path: Path) -> None:
    said = refusal(starter, str(tmp_path / "made"), "--ci", "github,bitbucket", "--name=q9-other", "--yes")
    assert "there is no forge 'bitbucket': there are gitee, github, gitlab." in said


@pytest.mark.features
def test_a_product_is_audited_and_fails_where_no_service_can_be_asked(
    products: Mapping[str, Path], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/v1/query").respond_with_json({})
    here = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")
    assert "\n0 advisories, " in run(products["bare"], *AUDIT, httpserver.url_for("/v1/query"), **here)
    with pytest.raises(AssertionError, match="NOT AUDITED"):
        run(products["bare"], *AUDIT, f"http://127.0.0.1:{unused()}/v1/query", **here)


@pytest.mark.features
@pytest.mark.whole
def test_what_the_files_type_passes_in_a_clone_of_a_product(products: Mapping[str, Path], tmp_path: Path) -> None:
    run(tmp_path, "git", "clone", "--quiet", str(products["two"]), "clone")
    (text,) = {tuple(typed((products["two"] / forges.PLACES[forge]).read_text())) for forge in ("gitlab", "gitee")}
    for command in text[:2]:
        run(tmp_path / "clone", "bash", "-c", command, CI="true")
    assert run(tmp_path / "clone", "git", "status", "--porcelain") == ""
