"""A Kubernetes on this machine, made of pinned programs built from source."""
