"""The whole stack in production mode, on servers elsewhere."""

import signal
from typing import Self

import httpx2

from devkit import ROOT
from devkit.stack.private import PrivateStack
from testing.preloaded import Program


class Production(PrivateStack):
    """`invoke serve` on servers elsewhere."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.http = httpx2.Client(base_url=self.url, headers=self.headers, timeout=30, trust_env=False)
        return self

    def admin(self, *arguments: str) -> str:
        """Return what a command for operators prints."""
        output, errors = self.data / "admin.out", self.data / "admin.err"
        output.unlink(missing_ok=True)
        program = Program(["admin", *arguments], self.environ, ROOT, output, errors=errors)
        assert program.wait(60) == 0, errors.read_text(encoding="utf-8")
        return output.read_text(encoding="utf-8")

    def logs(self) -> str:
        return "".join(self.log(name) for name in self.components)

    def end(self) -> None:
        self.http.close()
        assert self.stop(signal.SIGTERM) == 0, self.said
