"""What each command does, in the order in which a person would name the steps."""
