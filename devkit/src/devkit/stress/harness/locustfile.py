"""What locust loads: the users, options of our own, and handlers of the begin and the end of a run.

`invoke stress` starts it; docs/stress.md shows how to start it by hand, on more than one machine.
"""

import json
import logging
import sys
from pathlib import Path

import gevent
from flask import jsonify, request
from locust import events, stats
from locust.runners import WorkerRunner

# locust puts the folder of this file on the path while it loads it.
from outcome import as_json, breaches, failures_of, rows_of, table
from progress import Progress
from users import discover

# locust finds its users among the names of this module.
globals().update(discover())

BREACHED, BROKEN = 3, 1
# Seconds between two points of the plots; with locust's own 5, a short run has none.
stats.HISTORY_STATS_INTERVAL_SEC = 1


@events.init_command_line_parser.add_listener
def add_options(parser):
    add = parser.add_argument
    add("--max-fail-ratio", type=float, default=0.0, include_in_web_ui=False, help="the share that may fail, 0 to 1")
    add("--max-p95", type=float, default=None, include_in_web_ui=False, help="milliseconds, for each kind of request")
    add("--results", default="", include_in_web_ui=False, help="a JSON file to write the figures to")
    add("--spawned", default="", include_in_web_ui=False, help="a file to create when all users have started")


@events.init.add_listener
def begin(environment, runner, web_ui, **_):
    """Show the progress, and refuse other hosts on the page."""
    if isinstance(runner, WorkerRunner):
        return
    # Ctrl-C is one way to end a run, and gevent would print it as an error.
    hub = gevent.get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, KeyboardInterrupt)
    # Our own table replaces locust's three.
    logging.getLogger("locust.stats_logger").disabled = True
    # An address is put before a path, and two slashes are no path.
    environment.host = (environment.host or "").rstrip("/")
    if web_ui and environment.host:
        keep_host(web_ui.app, environment.host)
    if environment.parsed_options.spawned:
        spawned = Path(environment.parsed_options.spawned)
        environment.events.spawning_complete.add_listener(lambda **_: spawned.touch())
    progress = Progress(environment) if not web_ui else None
    environment.events.quitting.add_listener(lambda environment, **_: finish(environment, progress))


def keep_host(app, host):
    """Refuse another host than the one that the command was started for."""

    @app.before_request
    def refuse():
        asked = request.form.get("host") if request.method == "POST" else None
        if asked and asked.rstrip("/") != host:
            return jsonify(
                {"success": False, "message": f"This run is for {host}. For another start it anew.", "host": host}
            )
        return None


def finish(environment, progress):
    """Print and write the results, and set the exit code."""
    if progress:
        progress.stop()
    options, measured, runner = environment.parsed_options, environment.stats, environment.runner
    rows = rows_of(measured.entries.values(), measured.total)
    if not rows and not options.headless:
        return
    exceeded = breaches(rows, max_fail_ratio=options.max_fail_ratio, max_p95=options.max_p95)
    print(table(rows), flush=True)
    complain("failed", failures_of(measured.errors.values()))
    complain("error in tests/stress", [error["msg"] for error in runner.exceptions.values()])
    complain("breach", exceeded)
    if options.results:
        # In a browser, the number of users and the time are chosen on locust's page.
        content = as_json(rows, exceeded, users=options.num_users or 0, run_time=options.run_time or 0)
        Path(options.results).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    environment.process_exit_code = BREACHED if exceeded else BROKEN if runner.exceptions else 0


def complain(kind, lines):
    for line in lines:
        print(f"{kind}: {line}", file=sys.stderr, flush=True)
