"""ipecho: asks a remote service for our public address; how to depend on another service."""

from common.feature import Feature
from domain.ipecho.settings import IpechoSettings

FEATURE = Feature("ipecho", settings=IpechoSettings)
