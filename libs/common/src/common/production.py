"""What production refuses: settings that are fit for one developer's machine only."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from common.addresses import weak_options

PLACEHOLDERS = frozenset({"guest", "admin", "root", "password", "changeme", "change-me", "secret", "example", "test"})
WILDCARDS = frozenset({"", "*", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared with, never bound to
SECRET_LENGTH = 16


def unsafe_settings(values: Mapping[str, str]) -> list[str]:
    """Return a line for each setting that production refuses; `values` are the raw settings by their lower-case names.

    Works on the raw values, so that it also speaks when another setting cannot be read at all.
    """
    # Without a name, two products would meet in one database.
    missing = [] if values.get("project") else ["PROJECT: is missing"]
    return [*missing, *_weak_secrets(values), *_weak_addresses(values), *weak_options(values), *_wide_hosts(values)]


def weakness(secret: str) -> str | None:
    """Return why a secret is not fit for production, or None."""
    if not secret:
        return "is missing"
    if secret.lower() in PLACEHOLDERS:
        return "is a placeholder"
    if len(secret) < SECRET_LENGTH:
        return f"is shorter than {SECRET_LENGTH} characters"
    return None


def _weak_secrets(values: Mapping[str, str]) -> list[str]:
    needed = ["secret_key"]
    if not values.get("mongo_url"):
        needed.append("mongo_password")
    return [f"{name.upper()}: {problem}" for name in needed if (problem := weakness(values.get(name, "")))]


def _weak_addresses(values: Mapping[str, str]) -> list[str]:
    return [
        f"{name.upper()}: its password {problem}"
        for name in ("mongo_url",)
        if (url := values.get(name)) and (problem := weakness(password_of(url)))
    ]


def _wide_hosts(values: Mapping[str, str]) -> list[str]:
    problems = []
    if values.get("api_host", "127.0.0.1") in WILDCARDS:
        problems.append("API_HOST: binds to every network of the machine; name the one address or host name")
    trusted = values.get("api_trusted_hosts", "127.0.0.1").split(",")
    if WILDCARDS.intersection(host.strip() for host in trusted):
        problems.append("API_TRUSTED_HOSTS: needs the names that the API is reached by")
    return problems


def password_of(url: str) -> str:
    """Return the password in an address; nothing when there is none, or when it is no address."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
