"""The faults, each one function that begins it, waits, and ends it. What it returns from is over."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .broker import refusing
from .place import Place, signal_all
from .pressure import fill_disk, grow_backlog, put_rubbish, work_long
from .proxy import Mode
from .verdict import RECOVERY

FREEZE = 15.0
# Seconds a network is cut or slow; a hole lasts until the parts have noticed it.
CUT, SLOW, HOLE = 5.0, 6.0, 8.0
NETWORKS = ("worker-broker", "api-broker", "worker-mongo")
# What a worker logs when a finish comes too late.
_DISCARDED = "its result is discarded"
Inject = Callable[[Place], None]


@dataclass(frozen=True)
class Fault:
    """A fault and what it needs.

    `lasts` is in seconds, as planned. With `refuses`, requests may be refused meanwhile, for what takes them is away;
    otherwise not one may be, and they are answered within two seconds. `titles` are those of reports that misbehave.
    With `large` there are so many data that memory is not looked at. `recovery` is the bar's, in seconds.
    """

    name: str
    inject: Inject
    lasts: float = 2.0
    variation: str = ""
    refuses: bool = False
    titles: Sequence[str] = ()
    small_disk: bool = False
    large: bool = False
    recovery: float = RECOVERY


def kill(name: str) -> Inject:
    """kill -9 of the main process of a part or a server."""

    def inject(place: Place) -> None:
        keeper = place.stack.keepers[name]
        starts = keeper.starts
        keeper.kill()
        place.restarted(keeper.name, starts)

    return inject


def kill_broker(place: Place) -> None:
    """kill -9 of the broker while a worker is busy and has fetched all it may, so that it does not listen."""
    keeper = place.stack.keepers[place.stack.broker]
    starts = keeper.starts
    with place.frozen(*place.processes("worker1")[1:]):
        place.wait(1)
        keeper.kill()
    # Its children finish now, and what it says of them finds nobody.
    place.restarted(keeper.name, starts)


def kill_api(place: Place) -> None:
    """kill -9 of the process that serves, below the one that started it."""
    starts = place.stack.keepers["api1"].starts
    signal_all(place.processes("api1")[1:], signal.SIGKILL)
    place.restarted("api1", starts)


def kill_child(place: Place) -> None:
    """kill -9 of the children of a worker while they are at a report, three times."""
    for _ in range(3):
        signal_all(_caught_at_work(place, "worker1"), signal.SIGKILL)
        place.wait(0.5)


def freeze(name: str) -> Inject:
    """SIGSTOP for fifteen seconds."""

    def inject(place: Place) -> None:
        pids = place.processes(name) if name == "api1" else [place.stack.pid(_server(place, name))]
        with place.frozen(*pids):
            place.wait(FREEZE)

    return inject


def freeze_child(place: Place) -> None:
    """SIGSTOP of the children of a worker while they are at a report."""
    with place.frozen(*_caught_at_work(place, "worker1")):
        place.wait(FREEZE)


def wipe(place: Place) -> None:
    """The broker dies with messages in it, and its data are gone."""
    stack, keeper = place.stack, place.stack.keepers[place.stack.broker]
    workers = [pid for name in ("worker1", "worker2") for pid in place.processes(name)]
    with place.frozen(*workers):
        # So that messages wait.
        place.wait(2)
        keeper.hold()
        keeper.kill()
        stack.wipe(keeper.name)
        keeper.start()
        keeper.wait(stack.check)


def refuse(place: Place) -> None:
    """The broker's memory is full by its own account: it takes no message."""
    with refusing(place.stack):
        place.wait(6)


def step_down(place: Place) -> None:
    """The primary gives up its office; it is the only candidate, and elected again some seconds later."""
    command = {"replSetStepDown": 5, "secondaryCatchUpPeriodSecs": 0, "force": True}
    place.stack.mongo.admin.command(command)
    place.bitten(lambda: not place.stack.keepers["mongo"].works(), "the primary did not step down")
    place.stack.keepers["mongo"].wait(place.stack.check)


def network(name: str, mode: Mode, seconds: float) -> Inject:
    """The network between parts is cut, slow or a hole for so long."""

    def inject(place: Place) -> None:
        proxy = place.networks.proxies[name]
        proxy.switch(mode)
        try:
            place.wait(seconds)
        finally:
            proxy.switch(Mode.PASS)

    return inject


def roll(place: Place) -> None:
    """SIGTERM to one part after the other, and to the servers; the next when the last one works again."""
    for name in ("api1", "api2", "worker1", "worker2", "beat", place.stack.broker, "mongo"):
        place.stack.stop(name)
        place.stack.start(name)


def two_beats(place: Place) -> None:
    """A second beat beside the first."""
    place.stack.start("beat2")
    place.wait(5)
    place.stack.stop("beat2")


def lose_lease(place: Place) -> None:
    """A worker is frozen at its reports for longer than its lease; another one takes them up, then it wakes."""
    log = place.stack.folder / "worker1.log"
    before = log.read_text(encoding="utf-8").count(_DISCARDED)
    place.bitten(lambda: place.running("worker1", title="Slow") > 0, "no report was slow")
    with place.frozen(*place.processes("worker1")):
        place.wait(8)
    place.bitten(lambda: log.read_text(encoding="utf-8").count(_DISCARDED) > before, "no late finish was fenced off")


def kill_all(place: Place) -> None:
    """kill -9 of everything at once; a restart policy starts everything at once."""
    keepers = [keeper for name, keeper in place.stack.keepers.items() if keeper.alive()]
    for keeper in keepers:
        keeper.hold()
    for keeper in keepers:
        signal_all(place.processes(keeper.name), signal.SIGKILL)
    place.wait(1)
    for keeper in keepers:
        keeper.start()
    for name in ("mongo", place.stack.broker):
        place.stack.keepers[name].wait(place.stack.check)


def nothing(seconds: float) -> Inject:
    """No fault from outside for so long."""
    return lambda place: place.wait(seconds)


def _server(place: Place, name: str) -> str:
    return place.stack.broker if name == "broker" else name


def _caught_at_work(place: Place, worker: str) -> list[int]:
    """Stops the children of a worker at a moment when a report is begun and not finished; answers their pids."""
    caught: list[int] = []

    def look() -> bool:
        caught[:] = place.processes(worker)[1:]
        signal_all(caught, signal.SIGSTOP)
        if place.running(worker):
            return True
        signal_all(caught, signal.SIGCONT)
        return False

    place.bitten(look, f"{worker} was never caught at work")
    return caught


FAULTS = (
    Fault("none", nothing(2)),
    *(Fault(f"kill-{name}", kill(name), refuses=name == "mongo") for name in ("worker1", "beat", "mongo")),
    Fault("kill-broker", kill_broker, 3),
    # Three times a child must be caught while there is load.
    Fault("kill-child", kill_child, 8),
    Fault("kill-api", kill_api, refuses=True),
    *(
        Fault(f"freeze-{name}", freeze(name), FREEZE, refuses=name in ("api1", "mongo"))
        for name in ("worker1", "beat", "api1", "broker", "mongo")
    ),
    Fault("freeze-child", freeze_child, FREEZE),
    Fault("wipe-broker", wipe, 5),
    Fault("refuse-broker", refuse, 6),
    Fault("step-down", step_down, 8, refuses=True),
    Fault("rolling", roll, 20, refuses=True),
    Fault("two-beats", two_beats, 6),
    Fault("kill-all", kill_all, 4, refuses=True),
    *(
        Fault(f"{mode.value}-{name}", network(name, mode, seconds), seconds, variation="network")
        for name in NETWORKS
        for mode, seconds in ((Mode.RESET, CUT), (Mode.SLOW, SLOW), (Mode.HOLE, HOLE))
    ),
    Fault("clock", nothing(4), 4, variation="clock"),
    Fault("poison", nothing(4), 4, variation="misbehaving", titles=("Poison",)),
    Fault("lost-lease", lose_lease, 9, variation="misbehaving", titles=("Slow",) * 10),
    Fault("time-limit", nothing(4), 4, variation="hasty", titles=("Stuck", "Deaf")),
    Fault("long-job", work_long, 10, variation="long", titles=("Long",) * 4),
    Fault("large-backlog", grow_backlog, 60, large=True, recovery=300),
    Fault("hostile-message", put_rubbish, 4),
    Fault("disk-full", fill_disk, 10, refuses=True, small_disk=True),
)
