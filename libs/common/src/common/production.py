"""What production refuses: settings that are fit for one developer's machine only.

Works on raw settings, by their lower-case names, so that it also speaks when another setting cannot be read at all.
"""

from collections.abc import Iterable, Iterator, Mapping

from common import mongo_url
from common.addresses import account_of
from common.hosts import is_every_network, is_everybodys
from common.weakness import weakness

# Accounts that may do anything, by their usual names.
ADMINISTRATORS = frozenset({"admin", "administrator", "guest", "mongoadmin", "postgres", "root", "sa", "superuser"})
# Databases of MongoDB's own.
_OWN_DATABASES = frozenset({"admin", "config", "local"})
_ADDRESS = "_url"


def unsafe_settings(values: Mapping[str, str]) -> list[str]:
    """Return a line for each setting that production refuses."""
    # Without a name, two products would meet in one database.
    missing = [] if values.get("project") else ["PROJECT: is missing"]
    return [*missing, *_weak_secrets(values), *mongo_url.unsafe(values), *_accounts(values), *_wide_hosts(values)]


def shared_secrets(values: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Return a line for each of the secrets of these names that is another one too, or the name of a user.

    An address has the password of its server, which may also stand alone.
    """
    users = {values.get(name, "").casefold() for name in values if name.endswith("_user") or name == "project"}
    users |= {account_of(values[name])[0].casefold() for name in values if name.endswith(_ADDRESS)}
    known: dict[str, str] = {}
    problems = []
    for name in sorted(names):
        value = values.get(name, "")
        secret = account_of(value)[1] if name.endswith(_ADDRESS) else value
        # What is too short is told of elsewhere.
        if weakness(secret):
            continue
        if secret.casefold() in users:
            problems.append(f"{name.upper()}: is the name of a user")
        other = known.setdefault(secret, name)
        if other != name and {name.rpartition("_")[2], other.rpartition("_")[2]} != {"url", "password"}:
            problems.append(f"{name.upper()}: is the same as {other.upper()}; use each secret for one thing only")
    return problems


def _weak_secrets(values: Mapping[str, str]) -> Iterator[str]:
    project = values.get("project", "")
    if problem := weakness(values.get("secret_key", ""), project):
        yield f"SECRET_KEY: {problem}"
    url = values.get("mongo_url", "")
    parts = mongo_url.parsed(url)
    # Who shows a certificate has no password.
    if mongo_url.is_by_certificate(url) and mongo_url.is_encrypted(url):
        return
    if url and parts and (problem := weakness(parts["password"] or "", project)):
        yield f"MONGO_URL: its password {problem}"
    if not url and (problem := weakness(values.get("mongo_password", ""), project)):
        yield f"MONGO_PASSWORD: {problem}"


def _accounts(values: Mapping[str, str]) -> Iterator[str]:
    """Yield where the product would work as an administrator, or in a database of the server's own."""
    if url := values.get("mongo_url", ""):
        if (mongo_url.parsed(url).get("username") or "").casefold() in ADMINISTRATORS:
            yield "MONGO_URL: its user is an administrator; the product needs an account of its own"
    elif values.get("mongo_user", "").casefold() in ADMINISTRATORS:
        yield "MONGO_USER: is an administrator; the product needs an account of its own"
    if values.get("mongo_database") in _OWN_DATABASES:
        yield "MONGO_DATABASE: is one of MongoDB's own"


def _wide_hosts(values: Mapping[str, str]) -> Iterator[str]:
    if is_every_network(values.get("api_host", "127.0.0.1")):
        yield "API_HOST: binds to every network of the machine; name the one address or host name"
    wide = [host for host in values.get("api_trusted_hosts", "127.0.0.1").split(",") if is_everybodys(host)]
    if wide:
        yield "API_TRUSTED_HOSTS: needs the names that the API is reached by, and no names of anybody else"
