"""What the commands for containers say where there is no engine; tests in docker/ try what they do with one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped] # it has no types
from pydantic import BaseModel, SecretStr

from common.feature import Feature
from devkit import env, local_secrets
from devkit.commands.collection import collection
from devkit.containers import services
from devkit.containers.compose import SERVERS
from devkit.containers.services import masked
from devkit.environment import child_environment

from .conftest import GIT, ROOT, Servers, git, release, run_in

AUTHORITIES = {name for name in env.read(ROOT / ".env") if name.endswith(("_CA_FILE", "_CERT_FILE"))}
DOCKER = """#!/bin/sh
# Stands for Docker's own command, as far as it is asked what there is.
case "$1 $2" in
"compose version") [ -n "$COMPOSE" ] && echo "$COMPOSE" ;;
*) exit 1 ;;
esac
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH that holds nothing but the programs a test puts there, and git."""
    folder = tmp_path / "programs"
    folder.mkdir()
    git = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    (folder / "git").symlink_to(git)
    return folder


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def ask(clone: Path, programs: Path, *arguments: str, **environ: str) -> str:
    """What a command says that must fail with one clear line."""
    done = run_in(clone, "-m", "devkit", *arguments, PATH=f"{programs}:/bin", **environ)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_commands_for_containers_are_there() -> None:
    assert set(collection().task_names) >= {"build", "admin", "config", "up", "down", "ps", "logs", "push", "restart"}


def test_without_docker_it_says_what_to_install(clone: Path, programs: Path) -> None:
    done = run_in(clone, "-m", "devkit", "up", PATH=str(programs))
    assert done.returncode == 1
    assert "docker was not found: install Docker Engine with Compose v2, or use DB_BACKEND=native" in done.stderr


def test_logs_without_containers_names_the_folder_of_the_other_logs(clone: Path, programs: Path) -> None:
    # Else it would ask an engine that runs on this machine.
    put(programs, "docker", DOCKER)
    assert ".data/log/" in ask(clone, programs, "logs")
    engine = DOCKER.replace("*) exit 1", '"version --format") echo 28 ;;\n"compose "*) echo "[]" ;;\n*) exit 1')
    put(programs, "docker", engine)
    (clone / ".env.local").write_text("".join(f"{key}=secret\n" for key in local_secrets.names()))
    said = ask(clone, programs, "logs", COMPOSE="2.30.0")
    assert "there are no containers: `invoke up` starts them" in said
    assert ".data/log/" in said


def test_compose_v1_is_not_supported_and_it_says_so(clone: Path, programs: Path) -> None:
    put(programs, "docker", DOCKER)
    assert "Docker Compose v2 was not found" in ask(clone, programs, "config", COMPOSE="")
    put(programs, "docker-compose", "#!/bin/sh\necho 'docker-compose version 1.29.2'\n")
    assert "docker-compose v1 is there and is not supported" in ask(clone, programs, "config", COMPOSE="")


@pytest.mark.parametrize(
    ("prefix", "why"),
    [("", "IMAGE_PREFIX is empty: set it"), ("team/", "IMAGE_PREFIX=team/ names no registry: set it")],
)
def test_a_push_without_a_registry_is_refused(clone: Path, programs: Path, prefix: str, why: str) -> None:
    put(programs, "docker", DOCKER.replace("*) exit 1", '"version --format") echo 28 ;;\n*) exit 1'))
    (clone / ".env.local").write_text("".join(f"{key}=secret\n" for key in local_secrets.names()))
    assert why in ask(clone, programs, "push", COMPOSE="2.30.0", IMAGE_PREFIX=prefix)


def test_a_push_of_what_is_not_built_names_the_command_that_builds_it(clone: Path, programs: Path) -> None:
    put(programs, "docker", DOCKER.replace("*) exit 1", '"version --format") echo 28 ;;\n*) exit 1'))
    (clone / ".env.local").write_text("".join(f"{key}=secret\n" for key in local_secrets.names()))
    (clone / "services/api/Dockerfile").touch()
    said = ask(clone, programs, "push", COMPOSE="2.30.0", IMAGE_PREFIX="registry.example/team/")
    assert re.search(r"error: registry\.example/team/\S+-api:\S+ is not here: `invoke build` builds", said)


@pytest.mark.parametrize("version", ["2.19.1", "v2.3.0"])
def test_an_old_compose_is_refused_with_the_version_that_is_needed(clone: Path, programs: Path, version: str) -> None:
    put(programs, "docker", DOCKER)
    said = ask(clone, programs, "config", COMPOSE=version)
    assert version in said
    assert "2.20 is needed" in said


@pytest.mark.parametrize("command", ["up", "down", "ps", "build"])
def test_an_engine_that_does_not_answer_is_named_with_its_mend(clone: Path, programs: Path, command: str) -> None:
    put(programs, "docker", DOCKER)
    assert "systemctl start docker" in ask(clone, programs, command, COMPOSE="2.26.1-4")


def test_every_missing_secret_is_named_at_once(clone: Path, programs: Path) -> None:
    said = ask(clone, programs, "config", SECRET_KEY="", MONGO_PASSWORD="")
    assert "not set: MONGO_PASSWORD, SECRET_KEY. Run `invoke install`" in said


@pytest.mark.parametrize("setting", [("BACKUP_EVERY", "daily"), ("BACKUP_EVERY", "-1"), ("BACKUP_KEEP", "0")])
def test_how_often_backups_are_made_is_checked_before_anything_is_started(
    clone: Path, programs: Path, setting: tuple[str, str]
) -> None:
    put(programs, "docker", DOCKER)
    (clone / ".env.local").write_text("".join(f"{key}=secret\n" for key in local_secrets.names()))
    said = ask(clone, programs, "config", COMPOSE="2.26.1", **dict([setting]))
    assert f"{setting[0]}={setting[1]} is no whole number of at least" in said


@pytest.mark.parametrize("name", sorted(AUTHORITIES))
def test_a_certificate_file_that_is_not_there_is_named(clone: Path, programs: Path, name: str) -> None:
    put(programs, "docker", DOCKER)
    said = ask(clone, programs, "config", COMPOSE="2.26.1", **{name: "~/no-such.pem"})
    assert re.search(rf"{name}: there is no file /.*no-such\.pem", said)


def test_the_files_stand_alone_and_each_server_has_one_of_its_own() -> None:
    """What the server of a file needs lies in the folder of its name, so that it goes with both."""
    names = {path.stem for path in SERVERS}
    assert names == {path.name for path in (ROOT / "docker" / "servers").iterdir() if path.is_dir()}
    for path in SERVERS:
        text = path.read_text()
        assert f"./servers/{path.stem}:/opt/server:ro" in text
        assert f"../deploy/servers/{path.stem}.conf:/opt/server.conf:ro" in text
        assert [name for name in names - {path.stem} if re.search(rf"\b{name}\b", text)] == []


def test_what_images_install_is_locked() -> None:
    """From an index nothing comes without its hash."""
    files = [path for name in ("docker", ".devcontainer") for path in (ROOT / name).rglob("*") if path.is_file()]
    lines = [line for path in files for line in path.read_text(errors="replace").splitlines()]
    installs = [line for line in lines if line[:1] != "#" and re.search(r"pip\S*\b.* install |npm (install|ci) ", line)]
    assert len(installs) >= 5
    assert [each for each in installs if not re.search(r"--require-hashes|--no-index|npm ci ", each)] == []
    lock = (ROOT / "docker/servers/mongo/package-lock.json").read_text()
    assert lock.count('"version": ') == lock.count('"integrity": ') > 100
    # Nor is the index, so that a mirror can bring the same files.
    assert '"resolved"' not in lock


def test_containers_get_the_authorities_that_the_settings_name() -> None:
    """Compose mounts the file, and the service reads it where it was mounted."""
    text = (ROOT / "docker" / "project.yml").read_text()
    for name in AUTHORITIES - {"EXTRA_CA_FILE"}:
        secret = name.lower().removesuffix("_file")
        assert f"{name}: ${{{name}:+/run/secrets/{secret}}}" in text
        assert f"{secret}:\n    file: ${{{name}:-./no-authority.pem}}" in text


def test_secrets_are_masked_also_when_one_contains_another() -> None:
    settings = {"MONGO_PASSWORD": "abc", "MONGO_ADMIN_PASSWORD": "abcdef", "SECRET_KEY": "", "LOG_LEVEL": "INFO"}
    assert masked("a: abcdef\nb: [abc, x-abc-y]\nc: INFO\nSECRET_KEY: ''\n", settings) == (
        "a: '********'\nb:\n- '********'\n- x-********-y\nc: INFO\nSECRET_KEY: ''\n"
    )


@pytest.mark.parametrize(
    "secret", ["a'b", 'say "x"', "$HOME", "a: b", "back\\slash", "密码", "#1", "0x1F", "- a", "{x}"]
)
def test_a_secret_is_masked_whatever_its_characters(secret: str) -> None:
    doubled = secret.replace("$", "$$")
    text = yaml.safe_dump({"environment": {"MONGO_PASSWORD": doubled}, "command": ["--with", f"k={doubled} "]})
    shown = masked(text, {"MONGO_PASSWORD": secret})
    assert yaml.safe_load(shown) == {
        "environment": {"MONGO_PASSWORD": "********"},
        "command": ["--with", "k=******** "],
    }


def test_what_is_kept_of_a_password_is_masked_too() -> None:
    assert masked("a: abc\n", {"PAGE_PASSWORD_HASH": "abc"}) == "a: '********'\n"


def test_a_secret_is_known_by_its_type_also_in_a_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    class InvoiceSettings(BaseModel):
        invoice_token: SecretStr = SecretStr("")
        invoice_rate: int = 1

    feature = Feature("invoice", settings=InvoiceSettings)
    monkeypatch.setattr(services, "features_of", lambda _: (feature,))
    settings = {"INVOICE_TOKEN": "hush", "INVOICE_RATE": "7"}
    shown = masked("environment:\n  INVOICE_RATE: '7'\n  INVOICE_TOKEN: hush\n", settings)
    assert shown == "environment:\n  INVOICE_RATE: '7'\n  INVOICE_TOKEN: '********'\n"


def test_a_release_without_an_engine_is_refused_unless_it_is_to_be_without_images(
    repository: Path, programs: Path
) -> None:
    folder = f"{programs}:{Path(sys.executable).parent}"
    done = run_in(repository, "-m", "devkit", "release", "--no-test", "--dry-run", PATH=folder, **GIT)
    assert done.returncode == 1
    assert "`--no-build` releases without images" in done.stderr
    assert "NOTHING IS BUILT of this version" in release(repository, "--no-test", "--dry-run").stderr


def test_a_backend_that_is_not_there_is_one_clear_line(servers: Servers) -> None:
    done = servers.run("up", "--only", "mongo", DB_BACKEND="podman")
    assert done.returncode == 1
    assert "DB_BACKEND=podman does not exist here" in done.stderr
    assert "native, docker" in done.stderr
    assert "Traceback" not in done.stderr


def test_mongodb_in_a_container_is_refused_where_it_would_be_looked_for_by_a_name_that_only_containers_know(
    servers: Servers,
) -> None:
    done = servers.run("up", "--only", "mongo", DB_BACKEND="docker")
    assert done.returncode == 1
    assert "with DB_BACKEND=docker set no MONGO_REPLICA_SET" in done.stderr


def test_settings_of_a_private_run_choose_no_container(clone: Path) -> None:
    """Whatever a developer has chosen, tests and measurements have servers of their own."""
    ask_settings = "from devkit.servers.private import private_settings; print(private_settings()['DB_BACKEND'])"
    assert run_in(clone, "-c", ask_settings, DB_BACKEND="docker").stdout.strip() == "native"


def test_what_a_shell_has_set_for_other_containers_is_left_out_and_what_chooses_the_engine_stays() -> None:
    kept = {"DOCKER_HOST": "unix:///socket", "COMPOSE_PROJECT_NAME": "mine", "PYTHON_IMAGE": "python:3.13-alpine"}
    foreign = ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "HADOLINT_CONFIG")
    assert child_environment(kept | dict.fromkeys(foreign, "x")) == kept


def test_images_are_labelled_with_the_revision_of_the_repository_that_the_command_lies_in(
    repository: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "other")
    hook = {"GIT_DIR": f"{tmp_path}/other/.git", "GIT_WORK_TREE": f"{tmp_path}/other"}
    run = "from devkit.containers.compose import revision; print(revision()[0])"
    command = f"from devkit.terminal import run_command; run_command(lambda: exec({run!r}))"
    done = run_in(repository, "-c", command, **hook)
    assert done.stdout.strip() == git(repository, "rev-parse", "HEAD"), done.stderr


def test_a_rename_tells_what_becomes_of_containers_and_volumes(repository: Path) -> None:
    old = re.findall(r"(?m)^PROJECT=(.*)", (repository / ".env").read_text())[0]
    done = run_in(repository, "-m", "devkit", "rename", "q-after", "--dry-run", **GIT)
    assert done.returncode == 0, done.stderr
    assert f"Containers, volumes and images of {old} stay" in done.stdout
    assert f"PROJECT={old} invoke down" in done.stdout
