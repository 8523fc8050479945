"""Drift: where what runs differs from what is declared, and who did it."""
