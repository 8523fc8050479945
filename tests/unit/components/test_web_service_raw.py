"""WebService: what `raw` adds to its objects, where more than a field of one comes of it."""

from typing import Any

from tests.unit import samples
from tests.unit.programs import Graph, Recorder


def declared(record: Recorder, **changes: Any) -> Graph:
    return record.under_provider(samples.web(**changes))


def test_what_is_removed_of_an_account_is_left_to_the_server(record: Recorder) -> None:
    added = {"serviceAccount": {"automountServiceAccountToken": None}}
    account = declared(record, pod={"service_account": {}}, raw=added).one("ServiceAccount")
    assert "automountServiceAccountToken" not in account.inputs
