"""The settings of the console."""

from pydantic import BaseModel, ConfigDict

from common.server_settings import Port


class ConsoleSettings(BaseModel):
    """The port of the page."""

    model_config = ConfigDict(frozen=True)

    console_port: Port = 8001
