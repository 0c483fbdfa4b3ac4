"""Keys, as the operators' commands need them."""

from common.auth.keys import KEYS
from common.mongo import CollectionSpec

INDEXES: tuple[CollectionSpec, ...] = ()
ACCESS = (KEYS,)
