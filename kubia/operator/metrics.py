"""The metrics that Prometheus scrapes."""

from prometheus_client import Counter, Gauge, Histogram

QUEUE = Gauge("kubia_operator_queue_depth", "Sites in the workqueue.")
SITES = Gauge("kubia_operator_sites", "Sites by state.", ["state"])
LEADER = Gauge("kubia_operator_leader", "1 while this replica is the leader.")
WATCH_AGE = Gauge(
    "kubia_operator_watch_age_seconds", "Seconds since a watch received anything.", ["stream"]
)
WATCH_ERRORS = Counter(
    "kubia_operator_watch_errors", "Lists and watches that failed.", ["resource"]
)
WRITES = Counter("kubia_operator_writes", "Writes to the API server.", ["resource", "verb"])
ERRORS = Counter("kubia_operator_reconcile_errors", "Reconciles that failed.", ["reason"])
BUG = "Bug"
"""The reason of what the operator itself did wrong."""
ERRORS.labels(BUG)  # 0 from the start: of a series that begins with 1, no increase is seen
RECONCILE = Histogram(
    "kubia_operator_reconcile_seconds",
    "Seconds that one reconcile of a site takes.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
