"""The password of the console: `python -m admin.console.password` makes one, and shows it this once.

What is kept of it is its argon2id hash (RFC 9106), with colons where its usual form has dollar signs, which tools that
read settings files would take for the names of variables.
"""

import secrets
import sys

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr

# Characters: what is longer is no password of ours, and not hashed.
LONGEST = 200
_HASHER = PasswordHasher()


def hash_of(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(password).replace("$", ":")


def is_password(password: str, kept: str) -> bool:
    """Return whether this is the password; takes as long for a wrong one, about 50 ms and 64 MiB."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(kept.replace(":", "$"), password)
    except VerificationError:
        return False


def checked(kept: SecretStr) -> SecretStr:
    """Return what is kept of a password, or nothing. Raises ValueError for what is no such hash."""
    if value := kept.get_secret_value():
        try:
            extract_parameters(value.replace(":", "$"))
        except InvalidHashError:
            raise ValueError("is no hash of a password; `invoke password` makes one") from None
    return kept


def main() -> None:
    """Print a new password on standard output, and on standard error the setting that stands for it."""
    password = secrets.token_urlsafe(24)
    told = "The password of the console. Keep it now: it is not shown again. The setting that stands for it:"
    sys.stderr.write(f"{told}\nCONSOLE_PASSWORD_HASH={hash_of(password)}\n")
    sys.stdout.write(f"{password}\n")


if __name__ == "__main__":
    main()
