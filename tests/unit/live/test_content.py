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


def test_a_pod_can_be_made_to_refer_to_content_of_another_name() -> None:
    def pod(name: str) -> dict[str, Any]:
        return {
            "containers": [{"envFrom": [{"configMapRef": {"name": name}}, {"x": {"name": "a"}}]}],
            "volumes": [{"configMap": {"name": name}}, {"secret": {"secretName": "a"}}],
        }

    assert content.renamed(pod("a"), "ConfigMap", "a", "b") == pod("b")
    assert content.renamed(pod("c"), "ConfigMap", "a", "b") == pod("c")
