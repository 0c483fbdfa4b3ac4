"""kombu's driver of RabbitMQ, which goes on when it cannot read a message, and whose consumers can be paused."""

from collections.abc import Callable
from struct import unpack_from
from typing import Any

from amqp.method_framing import frame_handler
from kombu.transport import pyamqp

from worker.pausing import Pausable

# A frame that carries a message's properties; twelve bytes stand before them, among these the size of its body.
HEADER_FRAME, HEADER_START = 2, 12
NO_PROPERTIES = b"\x00\x00"


class AmqpChannel(pyamqp.Channel, Pausable):
    """A channel that takes a message as it is: nothing is decoded or unpacked before it was checked.

    Its consumers can be paused. What the broker had sent by then still arrives; nothing does that it sends later, for
    it obeys the commands of a channel in their order.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "auto_decode": False})
        self._consumers: dict[str, dict[str, Any]] = {}
        self.paused = False

    def message_to_python(self, raw_message: Any) -> Any:
        """Return a message without its properties when its body is to be unpacked: it may become huge."""
        if "compression" in (raw_message.properties.get("application_headers") or {}):
            raw_message.properties = {}
        # A message without a body has no such attribute.
        raw_message.body = bytes(getattr(raw_message, "body", None) or b"")
        return super().message_to_python(raw_message)

    def basic_consume(self, *arguments: Any, **options: Any) -> Any:
        """Begin to consume."""
        tag = super().basic_consume(*arguments, **options)
        if arguments:
            options["queue"] = arguments[0]
        self._consumers[tag] = {**options, "consumer_tag": tag, "nowait": True}
        return tag

    def basic_cancel(self, consumer_tag: str, *arguments: Any, **options: Any) -> Any:
        """End what `basic_consume` began."""
        self._consumers.pop(consumer_tag, None)
        return super().basic_cancel(consumer_tag, *arguments, **options)

    def pause(self) -> None:
        """Let the broker send no more."""
        if not self.paused:
            self.paused = True
            for tag in self._consumers:
                super().basic_cancel(tag, nowait=True)

    def resume(self) -> None:
        """Let the broker send again."""
        if self.paused:
            self.paused = False
            for options in self._consumers.values():
                super().basic_consume(**options)


class AmqpConnection(pyamqp.Connection):
    """A connection that goes on when it cannot read a message's properties."""

    Channel = AmqpChannel

    def __init__(self, **options: Any) -> None:
        super().__init__(frame_handler=tolerant_frame_handler, **options)


def tolerant_frame_handler(connection: Any, callback: Callable[..., Any]) -> Callable[[Any], Any]:
    """amqp's handler, which is given a message without properties where it could not read them.

    A message without a body is none of ours; it is the only one that is handed on while its properties are read.
    """
    handle = frame_handler(connection, callback)

    def on_frame(frame: Any) -> Any:
        kind, channel, buffer = frame
        if kind != HEADER_FRAME:
            return handle(frame)
        bare = (kind, channel, bytes(buffer[:HEADER_START]) + NO_PROPERTIES)
        (body_size,) = unpack_from(">Q", buffer, HEADER_START - 8)
        if not body_size:
            return handle(bare)
        try:
            return handle(frame)
        except Exception:
            return handle(bare)

    return on_frame


def checking(transport: type[Any]) -> type[Any] | None:
    """Return the same transport, TLS or not, with that connection; None when it is another broker's."""
    if not issubclass(transport, pyamqp.Transport):
        return None
    return type(transport.__name__, (transport,), {"Connection": AmqpConnection})
