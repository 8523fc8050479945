"""Stacks: a file per environment, all with the same keys, and the code that checks them."""
