"""Kubernetes in Python: components, a command line with two engines, an operator."""

__version__ = "0.1.0"
