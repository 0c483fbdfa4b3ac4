"""The command that runs simulated users."""

from pathlib import Path
from typing import Annotated

from devkit import ROOT, values
from devkit.commands.command import command


@command(letters=False)
def stress(
    *,
    user: Annotated[str, "which simulated users; --list names them"] = "MixUser",
    users: Annotated[str, "how many of them at once"] = "20",
    spawn_rate: Annotated[str, "how many more of them each second"] = "5",
    run_time: Annotated[str, "how long, such as 30s, 5m or 1h30m"] = "30s",
    processes: Annotated[str, "how many processes share the users"] = "1",
    host: Annotated[str, "a running API, such as http://127.0.0.1:8000; without, a stack of its own"] = "",
    i_own_this_host: Annotated[bool, "stress a host that is not this machine"] = False,
    web: Annotated[bool, "start and watch it in a browser, until Ctrl-C"] = False,
    web_port: Annotated[str, "the port of that page, on 127.0.0.1"] = "8089",
    max_fail_ratio: Annotated[str, "exit code 3 when a greater share of the requests fails, 0 to 1"] = "0",
    max_p95: Annotated[str, "exit code 3 when the 95th percentile of a request is above these ms"] = "",
    reports: Annotated[str, "the folder of the results"] = str(ROOT / "reports"),
    list_: Annotated[bool, "name the simulated users"] = False,
) -> int:
    """Run simulated users (--list, --users, --run-time, --web)."""
    from devkit.stress.locust import Options
    from devkit.stress.run import allowed_host, run, show_users

    if list_:
        show_users()
        return 0
    values.seconds("--run-time", run_time)
    options = Options(
        user=user,
        users=values.whole("--users", users, most=100_000),
        spawn_rate=values.positive("--spawn-rate", spawn_rate),
        run_time=run_time,
        reports=Path(reports),
        host=allowed_host(host, owned=i_own_this_host) if host else "",
        processes=values.whole("--processes", processes, most=64),
        web=web,
        web_port=values.whole("--web-port", web_port, most=65_535),
        max_fail_ratio=values.ratio("--max-fail-ratio", max_fail_ratio),
        max_p95=values.positive("--max-p95", max_p95) if max_p95 else None,
    )
    return run(options)
