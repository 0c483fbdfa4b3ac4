"""The faults. Each is one function that begins a fault, waits, and ends it; when it returns, the fault is over."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from common.queue.skipping import ENOUGH

from . import variations
from .brokers import harness
from .context import FaultContext, NoEffectError, signal_all
from .load import Post
from .overload import accept_directly, fill_disk, grow_backlog, publish_invalid, work_long
from .proxy import Mode
from .stack import SERVICES, WORKERS
from .variations import Vary
from .verdict import MAX_RECOVERY

FREEZE = 15.0
# Seconds a network is cut, slow, or a blackhole; the last until both sides have noticed it.
CUT, SLOW, BLACKHOLE = 5.0, 6.0, 8.0
NETWORKS = ("worker-broker", "api-broker", "worker-mongo")
# Jobs that are accepted in a moment, each of so many values; most of them without a message, for many wait.
_BURST, _BURST_VALUES = 300, 200
# What a worker logs when it finishes a job that was given to another one.
_DISCARDED = "its result is discarded"
Inject = Callable[[FaultContext], None]


@dataclass(frozen=True)
class Fault:
    """A fault and what it needs.

    Without `inject` the run only waits: there is no fault, or it is in the settings or the jobs. `duration` is
    planned, in seconds. With `refuses`, requests may be refused meanwhile, because an API process or
    MongoDB is unavailable; otherwise none may be, and each is answered within two seconds. `vary` returns the settings
    of single processes. `titles` are those of jobs that misbehave. With `large`, so many data are written that
    memory is not compared. `max_recovery` is in seconds.
    """

    name: str
    inject: Inject | None
    duration: float = 2.0
    vary: Vary = variations.usual
    refuses: bool = False
    titles: Sequence[str] = ()
    small_disk: bool = False
    large: bool = False
    max_recovery: float = MAX_RECOVERY


def kill(name: str) -> Inject:
    """Kill the main process of a service or server."""

    def inject(context: FaultContext) -> None:
        managed = context.stack.processes[name]
        starts = managed.starts
        managed.kill()
        context.await_restart(name, starts)

    return inject


def kill_broker(context: FaultContext) -> None:
    """Kill the broker while a worker is busy and has fetched all it may, so that it does not read from its socket."""
    broker = context.stack.broker
    managed = context.stack.processes[broker]
    starts = managed.starts
    with context.frozen(*context.child_pids("worker1")):
        context.wait(1)
        managed.kill()
    # The children finish now, but their acknowledgements are lost.
    context.await_restart(broker, starts)


def kill_api(context: FaultContext) -> None:
    """Kill the process that serves requests, a child of the one that started it."""
    starts = context.stack.processes["api1"].starts
    signal_all(context.child_pids("api1"), signal.SIGKILL)
    context.await_restart("api1", starts)


def kill_child(context: FaultContext) -> None:
    """Kill the children of a worker while they compute a job, three times."""
    for _ in range(3):
        signal_all(_freeze_at_work(context, "worker1"), signal.SIGKILL)
        context.wait(0.5)


def freeze(name: str) -> Inject:
    """Suspend a process for fifteen seconds."""

    def inject(context: FaultContext) -> None:
        process = context.stack.broker if name == "broker" else name
        pids = context.pids(process) if process == "api1" else [context.stack.processes[process].pid]
        with context.frozen(*pids):
            context.wait(FREEZE)

    return inject


def freeze_child(context: FaultContext) -> None:
    """Suspend the children of a worker while they compute a job."""
    with context.frozen(*_freeze_at_work(context, "worker1")):
        context.wait(FREEZE)


def wipe_broker(context: FaultContext) -> None:
    """Kill the broker while it holds messages, and delete its data."""
    with context.frozen(*_worker_pids(context)):
        # So that messages accumulate.
        context.wait(2)
        _wipe(context)


def lose_skipped(context: FaultContext) -> None:
    """Do the same while so many messages wait that others are left out: nothing is left that tells of those jobs."""
    with context.frozen(*_worker_pids(context)):
        _accept_burst(context)
        _wipe(context)


def kill_draining_child(context: FaultContext) -> None:
    """Kill the children of a worker while they compute jobs that they took without a message, three times."""
    with context.frozen(*_worker_pids(context)):
        posts = _accept_burst(context)
    # A job that was never notified by a sweeper, and whose first message was left out.
    silent = {"_id": {"$in": [post.id for post in posts[ENOUGH + 1 :]]}, "job.notifications": 0}
    for _ in range(3):
        signal_all(_freeze_at_work(context, "worker1", **silent), signal.SIGKILL)
        context.wait(0.1)


def _worker_pids(context: FaultContext) -> list[int]:
    return [pid for name in WORKERS for pid in context.pids(name)]


def _wipe(context: FaultContext) -> None:
    managed = context.stack.processes[context.stack.broker]
    managed.disable_restart()
    managed.kill()
    context.stack.wipe(managed.name)
    managed.start()
    managed.wait(context.stack.check)


def _accept_burst(context: FaultContext) -> list[Post]:
    """Accept many jobs while no worker fetches a message, and see that there are not as many messages."""
    before = harness(context.stack).messages_left()
    posts = accept_directly(context, _BURST, _BURST_VALUES)
    if (messages := harness(context.stack).messages_left() - before) > len(posts) / 2:
        raise NoEffectError(f"the fault had no effect: {messages} messages tell of {len(posts)} jobs")
    return posts


def refuse_messages(context: FaultContext) -> None:
    """Let the broker refuse every message, as with its memory full."""
    with harness(context.stack).refusing():
        context.wait(6)


def step_down(context: FaultContext) -> None:
    """Let the primary step down; it is the only candidate, and is elected again some seconds later."""
    mongo = context.stack.processes["mongo"]
    command = {"replSetStepDown": 5, "secondaryCatchUpPeriodSecs": 0, "force": True}
    context.stack.mongo.admin.command(command)
    context.await_effect(lambda: not mongo.works(), "the primary did not step down")
    mongo.wait(context.stack.check)


def network(name: str, mode: Mode, seconds: float) -> Inject:
    """Change the network between two processes for some seconds."""

    def inject(context: FaultContext) -> None:
        proxy = context.networks[name]
        proxy.switch(mode)
        try:
            context.wait(seconds)
        finally:
            proxy.switch(Mode.PASS)

    return inject


def rolling_restart(context: FaultContext) -> None:
    """Stop and start one process after the other, servers too; the next when the last one works again."""
    for name in (*SERVICES, context.stack.broker, "mongo"):
        context.stack.stop(name)
        context.stack.start(name)


def run_two_beats(context: FaultContext) -> None:
    """Run a second beat for five seconds."""
    context.stack.start("beat2")
    context.wait(5)
    context.stack.stop("beat2")


def lose_lease(context: FaultContext) -> None:
    """Suspend a worker for longer than its lease, so that another one takes its jobs, then resume it."""
    log = context.stack.folder / "worker1.log"
    before = log.read_text(encoding="utf-8").count(_DISCARDED)
    context.await_effect(lambda: context.running_jobs("worker1", title="Slow") > 0, "no job was slow")
    with context.frozen(*context.pids("worker1")):
        context.wait(8)
    context.await_effect(
        lambda: log.read_text(encoding="utf-8").count(_DISCARDED) > before, "no late finish was fenced off"
    )


def kill_all(context: FaultContext) -> None:
    """Kill everything at once, and start everything at once."""
    running = [managed for managed in context.stack.processes.values() if managed.alive()]
    for managed in running:
        managed.disable_restart()
    for managed in running:
        signal_all(context.pids(managed.name), signal.SIGKILL)
    context.wait(1)
    for managed in running:
        managed.start()
    for name in ("mongo", context.stack.broker):
        context.stack.processes[name].wait(context.stack.check)


def _freeze_at_work(context: FaultContext, worker: str, **query: Any) -> list[int]:
    """Suspend the children of a worker at a moment when such a job is begun and not finished; return their pids."""
    pids: list[int] = []

    def is_at_work() -> bool:
        pids[:] = context.child_pids(worker)
        signal_all(pids, signal.SIGSTOP)
        if context.running_jobs(worker, **query):
            return True
        signal_all(pids, signal.SIGCONT)
        return False

    context.await_effect(is_at_work, f"{worker} was never suspended at work")
    return pids


FAULTS = (
    Fault("none", None),
    *(Fault(f"kill-{name}", kill(name), refuses=name == "mongo") for name in ("worker1", "beat", "mongo")),
    Fault("kill-broker", kill_broker, 3),
    # Three times a child must be suspended at work while there is load.
    Fault("kill-child", kill_child, 8),
    Fault("kill-api", kill_api, refuses=True),
    *(
        Fault(f"freeze-{name}", freeze(name), FREEZE, refuses=name in ("api1", "mongo"))
        for name in ("worker1", "beat", "api1", "broker", "mongo")
    ),
    Fault("freeze-child", freeze_child, FREEZE),
    Fault("wipe-broker", wipe_broker, 5),
    Fault("kill-draining-child", kill_draining_child, 6),
    Fault("lost-skipped-message", lose_skipped, 6),
    Fault("refuse-broker", refuse_messages, 6),
    Fault("step-down", step_down, 8, refuses=True),
    Fault("rolling", rolling_restart, 20, refuses=True),
    Fault("two-beats", run_two_beats, 6),
    Fault("kill-all", kill_all, 4, refuses=True),
    *(
        Fault(f"{mode.value}-{name}", network(name, mode, seconds), seconds, vary=variations.networked)
        for name in NETWORKS
        for mode, seconds in ((Mode.RESET, CUT), (Mode.SLOW, SLOW), (Mode.BLACKHOLE, BLACKHOLE))
    ),
    Fault("clock", None, 4, vary=variations.wrong_clocks),
    Fault("poison", None, 4, vary=variations.misbehaving, titles=("Poison",)),
    Fault("lost-lease", lose_lease, 9, vary=variations.misbehaving, titles=("Slow",) * 10),
    Fault("time-limit", None, 4, vary=variations.short_time_limit, titles=("Stuck", "Deaf")),
    Fault("long-job", work_long, 10, vary=variations.short_hold, titles=("Long",) * 4),
    Fault("large-backlog", grow_backlog, 60, large=True, max_recovery=300),
    Fault("hostile-message", publish_invalid, 4),
    Fault("disk-full", fill_disk, 10, refuses=True, small_disk=True),
)
