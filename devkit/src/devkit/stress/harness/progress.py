"""The progress of a run, as one line on a terminal."""

import sys
import time

import gevent


class Progress:
    """Write the line again each second, if stderr is a terminal."""

    def __init__(self, environment):
        self._environment = environment
        self._greenlet = gevent.spawn(self._show) if sys.stderr.isatty() else None

    def stop(self):
        """Remove the line."""
        if self._greenlet is not None:
            self._greenlet.kill()
            self._greenlet = None
            self._write("")

    def _show(self):
        began = time.monotonic()
        while True:
            gevent.sleep(1)
            self._write(self._line(time.monotonic() - began))

    def _line(self, seconds):
        runner, total = self._environment.runner, self._environment.stats.total
        p95 = total.get_current_response_time_percentile(0.95) or 0
        return (
            f"{seconds:4.0f} s  {runner.user_count} users  {total.current_rps:.0f} req/s  "
            f"p95 {p95:.0f} ms  {total.num_failures} failed"
        )

    def _write(self, line):
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
