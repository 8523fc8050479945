"""Server-side apply of a whole stack: plan, apply in waves, wait, prune."""
