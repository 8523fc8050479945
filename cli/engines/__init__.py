"""The engines that bring a program into a cluster."""
