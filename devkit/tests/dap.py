"""A client of the debug adapter protocol, as an editor has one: it launches what a configuration says, and stops there.

https://microsoft.github.io/debug-adapter-protocol/specification; what debugpy adds is `debugpyAttach`, by which it asks
the editor to debug a child process too.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from devkit import ports

Message = dict[str, Any]
_SECONDS = 90


class Debugger:
    """An editor that debugs one configuration with one breakpoint, in the process and in its children."""

    def __init__(self, configuration: Mapping[str, Any], breakpoint_at: tuple[Path, int], log: Path) -> None:
        self._configuration = dict(configuration)
        self._breakpoint = breakpoint_at
        self._log = log
        self._sessions: list[_Session] = []
        # The sessions that stopped, with the thread that did.
        self._stops: SimpleQueue[tuple[_Session, int]] = SimpleQueue()
        self._configured = threading.Event()

    def __enter__(self) -> Self:
        """Launch what the configuration says."""
        (port,) = ports.distinct(1)
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "debugpy.adapter", "--host", "127.0.0.1", "--port", str(port)]
            self._adapter = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self._begin("127.0.0.1", port, self._configuration)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sessions[0].ask("disconnect", terminateDebuggee=True)
        for session in self._sessions:
            session.close()
        # It listens for the next editor.
        self._adapter.terminate()
        self._adapter.wait(timeout=30)

    def wait_until_it_debugs(self) -> None:
        """Wait until the breakpoint is set in a process."""
        assert self._configured.wait(_SECONDS), self._log.read_text(encoding="utf-8")

    def variable_where_it_stops(self, name: str) -> str:
        """Wait until the breakpoint is reached; return what a variable is there, as an editor shows it, and go on."""
        session, thread = self._stops.get(timeout=_SECONDS)
        frame = session.ask("stackTrace", threadId=thread, levels=1)["stackFrames"][0]
        assert (Path(frame["source"]["path"]), frame["line"]) == self._breakpoint
        value = session.ask("evaluate", expression=name, frameId=frame["id"], context="watch")["result"]
        session.ask("continue", threadId=thread)
        return str(value)

    def _begin(self, host: str, port: int, configuration: Mapping[str, Any]) -> None:
        session = _Session(host, port, self._event)
        self._sessions.append(session)
        session.ask("initialize", adapterID="debugpy", pathFormat="path", supportsStartDebuggingRequest=False)
        # It is answered only when the configuration is done.
        session.send(configuration["request"], **configuration)

    def _event(self, session: _Session, name: str, body: Message) -> None:
        if name == "initialized":
            path, line = self._breakpoint
            session.send("setBreakpoints", source={"path": str(path)}, breakpoints=[{"line": line}])
            session.ask("configurationDone")
            self._configured.set()
        elif name == "stopped":
            self._stops.put((session, body["threadId"]))
        elif name == "debugpyAttach":
            self._begin(body["connect"]["host"], body["connect"]["port"], body)


class _Session:
    """One connection to the adapter: one for each process."""

    def __init__(self, host: str, port: int, event: Any) -> None:
        self._socket = _connected(host, port)
        self._event = event
        self._number = 0
        self._lock = threading.Lock()
        self._answers: dict[int, SimpleQueue[Message]] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, command: str, **arguments: Any) -> SimpleQueue[Message]:
        """Send a request; return where its answer comes."""
        with self._lock:
            self._number += 1
            answer = self._answers[self._number] = SimpleQueue()
            request = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
            body = json.dumps(request).encode()
            self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        return answer

    def ask(self, command: str, **arguments: Any) -> Message:
        """Return the answer to a request, which must succeed."""
        answer = self.send(command, **arguments).get(timeout=_SECONDS)
        assert answer["success"], answer
        return dict(answer.get("body") or {})

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> None:
        # An adapter that ends resets its connections; a request that then has no answer fails where it was asked.
        with contextlib.suppress(ConnectionResetError), self._socket.makefile("rb") as stream:
            while header := stream.readline():
                length = int(header.split(b":")[1])
                stream.readline()
                message = json.loads(stream.read(length))
                if message["type"] == "response":
                    self._answers[message["request_seq"]].put(message)
                elif message["type"] == "event":
                    # Apart, for it asks, and the answer is read here.
                    arguments = (self, message["event"], message.get("body") or {})
                    threading.Thread(target=self._event, args=arguments, daemon=True).start()


def _connected(host: str, port: int) -> socket.socket:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            return socket.create_connection((host, port))
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the adapter does not listen"
            time.sleep(0.05)
