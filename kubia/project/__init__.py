"""A project's files: Pulumi.yaml, its stack files, their secrets and edits."""
