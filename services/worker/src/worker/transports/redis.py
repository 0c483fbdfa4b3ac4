"""kombu's driver of Valkey and Redis, which reads only messages that look like ours.

What it pops from the queue's list it would trust. Here it is looked at first.
"""

import base64
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from kombu.transport import redis
from pydantic import AfterValidator, Field

from common.queue.contract import LARGEST
from worker.messages import REFUSALS, Head, RefusedError, Short, Strict


def _base64(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


class _DeliveryInfo(Strict):
    exchange: Short
    routing_key: Short


class _Properties(Strict):
    delivery_tag: Annotated[str, Field(min_length=1, max_length=255)]
    body_encoding: Literal["base64"]
    delivery_info: _DeliveryInfo
    priority: Annotated[int, Field(ge=0, le=9)] = 0


class Envelope(Strict):
    """A message as kombu keeps it in a list of Valkey."""

    body: Annotated[str, AfterValidator(_base64)]
    content_type: Literal["application/json"] = Field(alias="content-type")
    content_encoding: Literal["utf-8"] = Field(alias="content-encoding")
    headers: Head
    properties: _Properties


def cleaned(item: bytes) -> bytes:
    """Return an item of the queue's list on Valkey, with nothing in it but what is ours. Raises RefusedError."""
    # A third more in base64, and the headers.
    if len(item) > 2 * LARGEST:
        raise RefusedError("size")
    try:
        return Envelope.model_validate_json(item).model_dump_json(by_alias=True).encode()
    except ValueError as error:
        raise RefusedError("envelope") from error


class RedisClient(redis.PrefixedStrictRedis):
    """Sees what was taken from the queue's list before kombu does."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """Return the server's answer; a message that is not ours is removed, as if nothing had come."""
        answer = super().parse_response(connection, command_name, **options)
        if command_name != "BRPOP" or not answer:
            return answer
        queue, item = answer
        try:
            return queue, cleaned(item)
        except RefusedError as error:
            REFUSALS.note(str(error))
            return None


class RedisQoS(redis.QoS):
    """Keeps what was not acknowledged; gives back what can be read."""

    # kombu's own, whose type is not declared.
    _remove_from_indices: Callable[..., Any]

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's own signature
        """Put a message back into its list, or remove the record that cannot be read: it would come up for ever."""
        try:
            super().restore_by_tag(tag, client, leftmost)
        except (ValueError, TypeError, RecursionError):
            REFUSALS.note("record")
            self._remove_from_indices(tag).execute()


class RedisChannel(redis.Channel):
    """A channel whose client looks at what it reads."""

    QoS = RedisQoS

    def _get_client(self) -> Callable[..., Any]:
        return partial(RedisClient, global_keyprefix=self.global_keyprefix)


def checking(transport: type[Any]) -> type[Any] | None:
    """Return the same transport, TLS or not, with that channel; None when it is another broker's."""
    if not issubclass(transport, redis.Transport):
        return None
    return type(transport.__name__, (transport,), {"Channel": RedisChannel})
