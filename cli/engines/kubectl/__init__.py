"""The engine that needs no Pulumi CLI: server-side apply through kubectl's connection."""
