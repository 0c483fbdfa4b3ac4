"""Asks a remote service for our public address, and trusts it with nothing: not its speed, its size or its words."""

import asyncio
import ssl
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2

from domain.ipecho.model import PublicAddress, RemoteInvalidError, RemoteTimeoutError, RemoteUnavailableError
from domain.ipecho.settings import IpechoSettings

# Bytes of an answer that are read at most; an address has 39.
ANSWER_LIMIT = 1024
# Seconds before the second and before the third try.
BACKOFFS = (0.1, 0.3)
HEADERS = {"Accept": "text/plain", "Accept-Encoding": "identity"}


def public_address(settings: IpechoSettings) -> PublicAddress:
    """Ask the remote service: up to three times, within the one budget of time that the settings give.

    Asks in an event loop of its own, because a blocking client bounds each read but not their sum, so a service that
    sends a byte a second would hold it for ever. Not for code that runs in an event loop already.

    Raises RemoteUnavailableError, RemoteTimeoutError or RemoteInvalidError.
    """
    return PublicAddress(ip=asyncio.run(_ask_in_time(settings)))


async def _ask_in_time(settings: IpechoSettings) -> IPv4Address | IPv6Address:
    try:
        async with asyncio.timeout(settings.ipecho_timeout):
            async with httpx2.AsyncClient(verify=_tls(), timeout=None, headers=HEADERS) as client:
                return await _ask_again(client, settings.ipecho_url)
    except TimeoutError as error:
        raise RemoteTimeoutError(f"The remote service took more than {settings.ipecho_timeout:g} s.") from error


async def _ask_again(client: httpx2.AsyncClient, url: str) -> IPv4Address | IPv6Address:
    for backoff in BACKOFFS:
        try:
            return await _ask(client, url)
        except RemoteUnavailableError:
            await asyncio.sleep(backoff)
    return await _ask(client, url)


async def _ask(client: httpx2.AsyncClient, url: str) -> IPv4Address | IPv6Address:
    try:
        async with client.stream("GET", url, follow_redirects=False) as answer:
            if answer.status_code >= 500:
                raise RemoteUnavailableError(f"The remote service answered with status {answer.status_code}.")
            if answer.status_code != 200:
                raise RemoteInvalidError(f"The remote service answered with status {answer.status_code}.")
            return _address(await _body(answer))
    except httpx2.TransportError as error:
        raise RemoteUnavailableError(f"The remote service could not be asked ({type(error).__name__}).") from error


async def _body(answer: httpx2.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise RemoteInvalidError(f"The remote service answered more than {ANSWER_LIMIT} bytes.")
    return body


def _address(body: bytes) -> IPv4Address | IPv6Address:
    text = body.decode("ascii", errors="replace").strip()
    try:
        # Behind a `%` an IPv6 address may carry any text as its zone; a public address has none.
        return ip_address(text.replace("%", "?"))
    except ValueError:
        raise RemoteInvalidError("The remote service answered something that is not an IP address.") from None


@cache
def _tls() -> ssl.SSLContext:
    """Made once, because reading the machine's certificates takes 40 ms."""
    return httpx2.create_ssl_context()
