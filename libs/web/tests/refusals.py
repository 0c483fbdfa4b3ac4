"""What no listing and no address takes, whatever the resource, and how it is refused."""

from werkzeug.test import TestResponse

# Queries, and the parameter that is named.
QUERIES = [
    ("limit=0", "/limit"),
    ("limit=101", "/limit"),
    ("limit=-1", "/limit"),
    ("limit=", "/limit"),
    ("limit=ten", "/limit"),
    ("limit=1.5", "/limit"),
    ("limit=nan", "/limit"),
    ("limit=1e1", "/limit"),
    ("limit=99999999999999999999", "/limit"),
    (f"limit={'9' * 5000}", "/limit"),
    ("limit=5&limit=6", "/limit"),
    ("cursor=", "/cursor"),
    ("cursor=abc", "/cursor"),
    ("cursor=ImEi.AAAA", "/cursor"),
    ("cursor=%00", "/cursor"),
    ("cursor=%ff", "/cursor"),
    (f"cursor={'x' * 5000}", "/cursor"),
    ("page=2", "/page"),
    ("%24where=1", "/$where"),
    ("a~/b=1", "/a~0~1b"),
]
NO_IDS = ["0" * 23, "0" * 25, "A" * 24, "x", "%00", "$ne", "%7B%22$gt%22:%22%22%7D", "null", "%E2%82%AC"]


def only_error(response: TestResponse) -> tuple[int, str, str]:
    """Return the status, and where the one error is: in what, and in which part of it."""
    (error,) = response.get_json(force=True)["errors"]
    return response.status_code, error["in"], error["pointer"]
