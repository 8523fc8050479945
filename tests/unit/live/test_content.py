"""kubia.live.content: what a pod refers to."""

from typing import Any

from kubia.live import content


def test_volumes_projections_and_the_environment_refer_to_content() -> None:
    pod: dict[str, Any] = {
        "volumes": [
            {"name": "a", "configMap": {"name": "page"}},
            {"name": "b", "secret": {"secretName": "key"}},
            {"name": "c", "projected": {"sources": [{"secret": {"name": "part"}}]}},
            {"name": "d", "emptyDir": {}},
        ],
        "initContainers": [{"envFrom": [{"configMapRef": {"name": "first"}}]}],
        "containers": [
            {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "token"}}}]},
        ],
    }

    assert set(content.needed(pod)) == {
        ("ConfigMap", "page"),
        ("Secret", "key"),
        ("Secret", "part"),
        ("ConfigMap", "first"),
        ("Secret", "token"),
    }
