"""What was released when, by whom and why: kept in the cluster, or by Pulumi."""
