"""What live objects tell: who set which field, is it rolled out, why is it not ready."""
