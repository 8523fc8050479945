"""What Prometheus is told."""

from prometheus_client import Counter, Gauge, Histogram

QUEUE = Gauge("kubia_operator_queue_depth", "Sites that wait for a worker.")
SITES = Gauge("kubia_operator_sites", "Sites by state.", ["state"])
LEADER = Gauge("kubia_operator_leader", "1 while this replica leads.")
WATCH_AGE = Gauge(
    "kubia_operator_watch_age_seconds", "Time since a watch was last heard.", ["stream"]
)
STREAM_ERRORS = Counter("kubia_operator_watch_errors", "Watches that failed.", ["resource"])
WRITES = Counter("kubia_operator_writes", "Writes to the API server.", ["resource", "verb"])
ERRORS = Counter("kubia_operator_reconcile_errors", "Looks at a site that failed.", ["reason"])
RECONCILE = Histogram(
    "kubia_operator_reconcile_seconds",
    "Time of one look at a site.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
