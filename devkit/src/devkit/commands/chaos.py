"""The command that injects faults."""

from typing import Annotated

from common import brokers
from devkit import ROOT, values
from devkit.commands.command import command


@command(letters=False)
def chaos(
    *,
    requests: Annotated[str, "how many jobs each row posts: 200, or ten in a second if combined"] = "",
    fault: Annotated[str, "these faults only, separated by commas"] = "",
    broker: Annotated[str, "this broker only; without, all that are there"] = "",
    seed: Annotated[str, "the same seed makes the same requests and the same schedule"] = "1",
    combined: Annotated[bool, "one row of faults in a seeded order, sometimes two at once"] = False,
    minutes: Annotated[str, "how long the combined schedule takes"] = "60",
    reports: Annotated[str, "the folder of the results"] = str(ROOT / "reports" / "chaos"),
    list_: Annotated[bool, "name the faults"] = False,
) -> int:
    """Break components under load, count losses (--list, --fault)."""
    from devkit.chaos.faults import FAULTS
    from devkit.chaos.suite import plan, run_suites

    if list_:
        print("\n".join(fault.name for fault in FAULTS))
        return 0
    chosen = plan(requests=requests, fault=fault, seed=seed, combined=combined, minutes=minutes, reports=reports)
    return run_suites(chosen, values.names("--broker", broker, brokers.names()) or brokers.names())
