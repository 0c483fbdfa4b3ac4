"""The product in containers, deployed as operators do: by the commands, from a clone, with real images and servers.

Run by `nox -s docker`. With `--bases` the base images are built first, from Debian's packages alone; else they are
pulled. A container engine that runs is used; where none does, root gets a private one for the time of the tests.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from testing.servers import unused_ports
from testing.variations import VARIATIONS

ROOT = Path(__file__).resolve().parents[3]
FILES = [*(ROOT / "docker").glob("*.yml"), *(ROOT / "docker").glob("*/*.yml")]
SERVERS = sorted(path.stem for path in FILES if path.parent.name == "servers")
# What runs all the time, which is neither for operators nor ends; and the images that are built.
SERVICES = re.findall(r"(?m)^  (\w+):\n    <<: \*(?!admin)", (ROOT / "docker/project.yml").read_text(encoding="utf-8"))
SERVICES += sorted(path.stem for path in FILES if path.parent.name == path.stem)
IMAGES = sorted(path.parent.name for path in (ROOT / "services").glob("*/Dockerfile"))
# The ports that are published, and the images that are not built here.
_TEXT = "".join(path.read_text(encoding="utf-8") for path in FILES)
PORTS = sorted(set(re.findall(r"\$\{(\w+_PORT):", _TEXT)))
BASES = tuple(sorted(set(re.findall(r"\$\{(\w+_IMAGE):", _TEXT))))
# What the committed settings file says.
COMMITTED = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)", (ROOT / ".env").read_text(encoding="utf-8")))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bases", action="store_true", help="build the base images from Debian's packages")


class Deployment:
    """A clone of the repository, and what its commands have deployed."""

    def __init__(self, root: Path, settings: dict[str, str]) -> None:
        self.root = root
        self.settings = settings
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{settings['API_PORT']}", timeout=10, trust_env=False)
        (root / ".env.local").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def invoke(self, *arguments: str, code: int = 0, **environ: str) -> str:
        """Return what a command says; it must end with the exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "invoke", *arguments],
            cwd=self.root,
            env={**os.environ, "COMPOSE_PROJECT_NAME": self.name, "NO_COLOR": "1", **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def develop(self, *arguments: str) -> str:
        """Return what a command says to a developer who has the servers in containers."""
        return self.invoke(*arguments, DB_BACKEND="docker")

    # [auth]
    def new_key(self, owner: str) -> str:
        """Make a key for everything that is an owner's."""
        said = self.invoke("admin", f"keys create --owner {owner} --scope '*'")
        # Two streams of a container may be mixed within a line.
        key = re.search(r"[0-9a-f]{16}\.[\w-]{43}", said)
        assert key is not None, said
        return key[0]

    # [/auth]
    @property
    def name(self) -> str:
        """What the containers are named after."""
        return self.settings["IMAGE_PREFIX"].rstrip("/")

    def image(self, service: str) -> str:
        """Return the name and tag of a service's image."""
        return f"{self.settings['IMAGE_PREFIX']}{COMMITTED['PROJECT']}-{service}:{COMMITTED['VERSION']}"

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's running containers."""
        labels = (f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}")
        return docker("ps", "--quiet", *(word for label in labels for word in ("--filter", f"label={label}"))).split()


def docker(*arguments: str) -> str:
    # Where it is older than 23, `docker build` builds in the old way otherwise.
    environ = {**os.environ, "DOCKER_BUILDKIT": "1"}
    done = subprocess.run(["docker", *arguments], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def until(ask: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what `ask` answers once it answers something; an API that is being replaced may refuse for a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := ask():
                return found
        except httpx2.TransportError:
            pass
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A container engine that answers."""
    if _answers():
        yield
        return
    if os.geteuid() != 0 or shutil.which("dockerd") is None or shutil.which("docker") is None:
        problem = "no container engine answers: start Docker, or `sudo sh docker/debian/engine.sh` on Debian"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    folder = tmp_path_factory.mktemp("engine")
    os.environ["DOCKER_HOST"] = f"unix://{folder}/socket"
    command = ["dockerd", "--host", os.environ["DOCKER_HOST"], "--pidfile", f"{folder}/pid"]
    command += ["--data-root", f"{folder}/data", "--exec-root", f"{folder}/run"]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        until(lambda: _answers() or daemon.poll() is not None)
        assert daemon.poll() is None, (folder / "log").read_text()
        yield
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=60)
        del os.environ["DOCKER_HOST"]
        # It leaves the namespace of its networks mounted, and no later run could delete this folder.
        for mounted in reversed(psutil.disk_partitions(all=True)):
            if Path(mounted.mountpoint).is_relative_to(folder):
                subprocess.run(["umount", mounted.mountpoint], check=True)


def _answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """The address of Debian's registry, with an empty folder."""
    program = shutil.which("docker-registry") or ""
    if not program:
        problem = "no registry was found. On Debian: apt install docker-registry"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    (port,) = unused_ports(1)
    address = f"localhost:{port}"
    settings = tmp_path / "registry.yml"
    settings.write_text(
        f"{{version: 0.1, storage: {{filesystem: {{rootdirectory: {tmp_path}/images}}}}, http: {{addr: '{address}'}}}}"
    )
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(settings)], stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: httpx2.get(f"http://{address}/v2/", trust_env=False).status_code == 200)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def clone(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide the repository as it is now, uncommitted changes included, as a repository of its own."""
    root = tmp_path_factory.mktemp("clone") / "repository"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    changed = subprocess.run(
        ["git", "ls-files", "--modified", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, changed.split("\0")):
        if (ROOT / name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        else:
            (root / name).unlink(missing_ok=True)
    return root


@pytest.fixture(scope="session")
def deployment(clone: Path, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """Provide the product, deployed with every server there is; what was made for it is removed in the end."""
    name = f"test{secrets.token_hex(4)}"
    settings = {key: str(port) for key, port in zip(PORTS, unused_ports(len(PORTS)), strict=True)}
    # In the variation that needs most.
    settings |= {**list(VARIATIONS.values())[-1], "IMAGE_PREFIX": f"{name}/"}
    if bundle := os.environ.get("SSL_CERT_FILE"):
        settings["EXTRA_CA_FILE"] = bundle
    with ExitStack() as stops:
        if request.config.getoption("--bases"):
            settings |= _bases(clone, settings, stops)
        deployed = Deployment(clone, settings)
        stops.callback(deployed.http.close)
        stops.callback(_remove, deployed)
        # Writes the secrets that are missing.
        deployed.invoke("install")
        print(deployed.invoke("build"))
        deployed.invoke("up")
        # [auth]
        deployed.http.headers["Authorization"] = f"Bearer {deployed.new_key('test')}"
        # [/auth]
        # It starts no server that the product does not use.
        deployed.develop("db-up", "--only", ",".join(SERVERS))
        yield deployed


def _bases(clone: Path, settings: dict[str, str], stops: ExitStack) -> dict[str, str]:
    """Build the base images; return the settings that name them."""
    builder = Deployment(clone, settings)
    builder.http.close()
    said = builder.invoke("build", "--bases", PROJECT=builder.name)
    found = dict(line.split("=", 1) for line in said.splitlines() if line.startswith(BASES))
    assert set(BASES) == set(found), said
    stops.callback(docker, "image", "rm", "--force", *found.values())
    return found


def _remove(deployed: Deployment) -> None:
    deployed.invoke("down")
    deployed.develop("db-reset", "--yes")
    # No command of ours deletes backups.
    docker("volume", "rm", "--force", f"{deployed.name}_backups")
    images = docker("image", "ls", "--quiet", "--filter", f"reference={deployed.settings['IMAGE_PREFIX']}*").split()
    docker("image", "rm", "--force", *set(images))
