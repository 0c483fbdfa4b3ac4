"""The cost of durable jobs, beside plain Celery tasks on the same broker, API, worker and database, in one run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from devkit.bench.aims import Aim, show
from devkit.bench.stack import Posted, administrator, measured_stack, run_jobs
from devkit.stack.private import PrivateStack
from devkit.terminal import table

REQUESTS = 2000
# The kinds take turns, so that other load on the machine affects all of them.
ROUNDS = 4
WARM_UP = 50
KINDS = {
    "durable": "durable job",
    "plain": "plain task, document in MongoDB",
    "bare": "plain task, message alone",
}
AIM_SPEED, AIM_COMMANDS = 0.5, 6
# Commands that this measurement itself sends to MongoDB.
_OWN = ("count", "serverStatus", "saslStart", "saslContinue")


@dataclass
class Measured:
    """One kind: how many jobs in how many seconds, their posts, and the commands that MongoDB received."""

    done: int = 0
    seconds: float = 0
    posted: Posted = field(default_factory=Posted)
    commands: Counter[str] = field(default_factory=Counter)

    @property
    def speed(self) -> float:
        """Jobs per second, from the first post to the last one done."""
        return self.done / self.seconds

    @property
    def commands_per_job(self) -> float:
        """Commands to MongoDB for each job, including those of sweepers and heartbeats."""
        return self.commands.total() / self.done


def measure(requests: int) -> int:
    """Measure all kinds in turns, print them side by side with the aims, and return 0.

    The figures depend on the machine, so a missed aim is marked and is no failure.
    """
    count = requests // ROUNDS or 1
    kinds = {kind: Measured() for kind in KINDS}
    with measured_stack() as (stack, check):
        for kind, name in KINDS.items():
            _round(stack, kind, min(WARM_UP, count), Measured(), check, f"warming up: {name}")
        for number in range(ROUNDS):
            for kind, name in KINDS.items():
                what = f"round {number + 1} of {ROUNDS}: {count} x {name}"
                _round(stack, kind, count, kinds[kind], check, what)
    _show(kinds)
    return 0


def _round(
    stack: PrivateStack, kind: str, count: int, measured: Measured, check: Callable[[], None], what: str
) -> None:
    before = _commands(stack)
    posted = run_jobs(stack, kind, count, check, what)
    measured.seconds += posted.total
    measured.done += count
    measured.posted.seconds += posted.seconds
    measured.commands += _commands(stack) - before


def _commands(stack: PrivateStack) -> Counter[str]:
    """Return the commands that MongoDB has received since its start, as its `serverStatus` counts them."""
    with administrator(stack) as mongo:
        known = mongo.admin.command("serverStatus")["metrics"]["commands"]
    counts = {name: value["total"] for name, value in known.items() if isinstance(value, dict) and value.get("total")}
    return Counter({name: count for name, count in counts.items() if name not in _OWN})


def _show(kinds: dict[str, Measured]) -> None:
    durable = kinds["durable"]
    header = ("", "jobs/s", "durable is", "POST p50 ms", "p99 ms", "commands/job", "of these")
    print(table(header, [_row(KINDS[kind], measured, durable) for kind, measured in kinds.items()]))
    ratio, commands = durable.speed / kinds["plain"].speed, durable.commands_per_job
    speed = Aim("speed, of a plain task's", f"{ratio:.0%}", f"at least {AIM_SPEED:.0%}", ratio >= AIM_SPEED)
    limit = f"at most {AIM_COMMANDS}"
    show([speed, Aim("commands to MongoDB for a job", f"{commands:.1f}", limit, commands <= AIM_COMMANDS)])


def _row(name: str, measured: Measured, durable: Measured) -> tuple[str, ...]:
    most = measured.commands.most_common(5)
    return (
        name,
        f"{measured.speed:.0f}",
        f"{durable.speed / measured.speed:.0%}",
        f"{measured.posted.percentile(0.5):.1f}",
        f"{measured.posted.percentile(0.99):.1f}",
        f"{measured.commands_per_job:.1f}",
        ", ".join(f"{command} {count / measured.done:.2f}" for command, count in most),
    )
