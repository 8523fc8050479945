"""The commands of `kubia`, one a file."""
