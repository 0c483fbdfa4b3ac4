"""The documented rotation of passwords, for MongoDB: it gets another one, and none is seen on a command line."""

from pathlib import Path

from .rotation import rotate


def test_mongodb_gets_another_password_that_no_command_line_shows(tmp_path: Path) -> None:
    rotate(tmp_path, {"MONGO_PASSWORD": "the former password", "MONGO_ADMIN_PASSWORD": "of the administrator"}).check()
