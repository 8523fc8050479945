"""Pure functions from plain values to plain Kubernetes objects; of ours they use errors alone."""
