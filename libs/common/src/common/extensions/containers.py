"""What follows from servers in containers.

MongoDB's replica set knows its member by a name that leads nowhere here; and all of them are encrypted.
"""

from common.extension import Extension

EXTENSION = Extension(implied={("DB_BACKEND", "docker"): {"MONGO_REPLICA_SET": "", "TLS": "1"}})
