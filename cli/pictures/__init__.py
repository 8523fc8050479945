"""Pictures: a release over time, a stack's resources."""
