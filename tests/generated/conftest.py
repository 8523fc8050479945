"""Generated cases run as unit tests do: no network, and nothing of the environment is seen."""

from tests.unit.conftest import _clean_environment, _no_network

__all__ = ["_clean_environment", "_no_network"]
