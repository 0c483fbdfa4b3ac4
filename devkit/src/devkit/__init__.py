"""The bodies behind `invoke`: nothing but invoke and the standard library, so they run before `.venv` exists."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
