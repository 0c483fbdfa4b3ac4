"""The package index that PYPI_INDEX_URL names, for uv and pip. The standard library alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from devkit.plain_settings import setting


def index_environ() -> dict[str, str]:
    """Return variables of uv and pip: the index, and no downloads of Pythons."""
    index = setting("PYPI_INDEX_URL")
    environ = {"UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**environ, "UV_DEFAULT_INDEX": index, "PIP_INDEX_URL": index} if index else environ


def source() -> str:
    """Return where packages come from, as ` from ADDRESS` without its credentials; empty for the official index."""
    address = urlsplit(setting("PYPI_INDEX_URL"))
    return f" from {address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}" if address.hostname else ""
