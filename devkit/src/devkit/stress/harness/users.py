"""The simulated users: the class of each feature, found in its folder, and MixUser, which has the tasks of all.

As a program it prints their names and descriptions as JSON.
"""

import importlib.util
import inspect
import json
import os
from pathlib import Path

from locust import FastHttpUser

# The toolbox's own tests bring users of their own.
FOLDER = Path(os.environ.get("STRESS_USERS") or Path(__file__).resolve().parents[5] / "tests" / "stress")

# What each request brings, such as a key of the host that is named.
HEADERS = json.loads(os.environ.get("STRESS_HEADERS") or "{}")


def discover(folder: Path = FOLDER) -> dict[str, type[FastHttpUser]]:
    """Return the classes of users by their names; every module in the folder is a feature."""
    features = [user for path in sorted(folder.glob("*.py")) for user in _users_of(path)]
    for user in features:
        user.default_headers = HEADERS
    if features:
        # It inherits the tasks of all of them, with their weights.
        content = {"__doc__": "Does what all the others do.", "__module__": __name__}
        features.append(type("MixUser", tuple(features), content))
    return {user.__name__: user for user in features}


def _users_of(path: Path) -> list[type[FastHttpUser]]:
    # By its path: as a plain name, a feature called `profile` would be mistaken for Python's own module.
    spec = importlib.util.spec_from_file_location(f"stress_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    classes = [value for value in vars(module).values() if inspect.isclass(value)]
    return [user for user in classes if user.__module__ == module.__name__ and issubclass(user, FastHttpUser)]


if __name__ == "__main__":
    print(json.dumps({name: (inspect.getdoc(user) or "").partition("\n")[0] for name, user in discover().items()}))
