"""Pure functions from plain values to plain Kubernetes objects; import nothing else of ours."""
