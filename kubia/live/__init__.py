"""Pure functions on live objects: who set which field, is it rolled out, why is it not ready."""
