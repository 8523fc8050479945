"""The `kubia` command line."""
