"""A release seen from outside while it goes on: who answers, which pods there are."""
