"""Create the indexes of the example feature; the settings are in the environment."""

import os

from common.clients import Clients
from common.config import Settings
from common.mongo import apply_indexes
from jobs.declared import all_collections
from testing.example import EXAMPLE

if __name__ == "__main__":
    with Clients(Settings.load(os.environ, env_files=())) as clients:
        apply_indexes(clients.database, all_collections([EXAMPLE]))
