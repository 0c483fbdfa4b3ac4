"""What locust loads: the users, our options, and what happens when a run begins and ends.

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
    add("--max-fail-ratio", type=float, default=0.0, include_in_web_ui=False, help="the part that may fail, 0 to 1")
    add("--max-p95", type=float, default=None, include_in_web_ui=False, help="milliseconds, for each kind of request")
    add("--results", default="", include_in_web_ui=False, help="a JSON file to write the figures to")
    add("--spawned", default="", include_in_web_ui=False, help="a file to make when all users are there")


@events.init.add_listener
def begin(environment, runner, web_ui, **_):
    """Show the progress, and keep the page to the host that was given."""
    if isinstance(runner, WorkerRunner):
        return
    # Ctrl-C is one way to end a run, and gevent would print it as an error.
    hub = gevent.get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, KeyboardInterrupt)
    # locust's tables say the same as ours, three times.
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
    """Refuse another host than the one whose owner was asked for when this was started."""

    @app.before_request
    def refuse():
        asked = request.form.get("host") if request.method == "POST" else None
        if asked and asked.rstrip("/") != host:
            return jsonify(
                {"success": False, "message": f"This run is for {host}. For another start it anew.", "host": host}
            )
        return None


def finish(environment, progress):
    """Print and write what was found, and set the exit code."""
    if progress:
        progress.stop()
    options, measured, runner = environment.parsed_options, environment.stats, environment.runner
    rows = rows_of(measured.entries.values(), measured.total)
    if not rows and not options.headless:
        return
    found = breaches(rows, max_fail_ratio=options.max_fail_ratio, max_p95=options.max_p95)
    print(table(rows), flush=True)
    tell("failed", failures_of(measured.errors.values()))
    tell("error in tests/stress", [each["msg"] for each in runner.exceptions.values()])
    tell("breach", found)
    if options.results:
        # With locust's page, whoever starts the run there says how many and how long.
        content = as_json(rows, found, users=options.num_users or 0, run_time=options.run_time or 0)
        Path(options.results).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    environment.process_exit_code = BREACHED if found else BROKEN if runner.exceptions else 0


def tell(what, lines):
    for line in lines:
        print(f"{what}: {line}", file=sys.stderr, flush=True)
