"""Makes the fixtures with real servers known to the tests of every package."""

pytest_plugins = ["common.testing.fixtures"]
