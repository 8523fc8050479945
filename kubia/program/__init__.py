"""Runs a Pulumi program in this process and returns what it declares."""
