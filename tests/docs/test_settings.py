"""What the starter's settings file says."""

from common.config import Settings
from common.names import UNNAMED

from .blocks import ROOT


def test_the_values_of_the_settings_file_are_the_defaults() -> None:
    """Hold the two equal here; a product may change its file."""
    written = Settings.load({"VERSION": "0.0.0", "PROJECT": UNNAMED}, env_files=(ROOT / ".env",))
    assert written == Settings.load({"PROJECT": UNNAMED}, env_files=())
