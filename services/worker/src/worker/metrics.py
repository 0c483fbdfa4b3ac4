"""Where the worker's main process tells its metrics, for itself and for its children."""

import logging
import socket
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server

from common import metrics
from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from jobs.collector import JobCollector

log = logging.getLogger(__name__)


class MetricsServer:
    """Answers at METRICS_HOST and METRICS_PORT from its start to its end; a port that is taken ends no worker."""

    def __init__(self, settings: Settings) -> None:
        queue = settings.section(QueueSettings)
        self._host = queue.metrics_host or socket.gethostname()
        self._port = queue.metrics_port
        self._running: tuple[WSGIServer, Thread] | None = None

    def start(self, jobs: JobCollector) -> None:
        """Begin to answer, unless the port is 0."""
        if self._port:
            try:
                self._running = start_http_server(self._port, self._host, metrics.registry(jobs))
            except OSError as error:
                log.error("There are no metrics at METRICS_PORT %d: %s", self._port, error.strerror or error)  # noqa: TRY400 - the reason says it all

    def stop(self) -> None:
        """End, after the answer that is under way."""
        if self._running is not None:
            server, thread = self._running
            self._running = None
            server.shutdown()
            server.server_close()
            thread.join()

    def forget(self) -> None:
        """Close what a child has inherited."""
        if self._running is not None:
            self._running[0].socket.close()
            self._running = None
