"""The servers of libs/testing; in the folder above, `servers` is the tool that is tested."""

from testing.fixtures import servers as servers
