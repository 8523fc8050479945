"""kubia.local.paths: where the local cluster keeps its files, and under which names."""

from pathlib import Path

import pytest

from kubia.errors import InvalidError
from kubia.local import paths


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.local/state/kubia"),
        ({"HOME": "/home/ann", "XDG_STATE_HOME": "/var/ann"}, "/var/ann/kubia"),
        ({"XDG_STATE_HOME": "/var/ann", "KUBIA_STATE": "/srv/state"}, "/srv/state"),
    ],
)
def test_the_state_is_where_the_user_or_the_system_wants_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert paths.layout("kubia").root == Path(folder, "clusters/kubia")


@pytest.mark.parametrize("name", ["a", "kubia-1", "a" * 40])
def test_a_name_that_a_context_and_a_host_may_have_is_a_clusters(name: str) -> None:
    assert paths.layout(name).name == name


@pytest.mark.parametrize("name", ["", "A", "1a", "a-", "a" * 41, "a/b", "..", "a\n"])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        paths.layout(name)
    (problem,) = caught.value.problems
    assert problem.startswith(f"--name: {name!r} is no name for a cluster: at most 40 of a-z")


def test_a_folder_too_deep_for_sockets_can_have_no_real_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBIA_STATE", "/s")
    assert paths.problem(paths.layout("a")) is None

    monkeypatch.setenv("KUBIA_STATE", "/" + "s" * 100)
    assert paths.problem(paths.layout("a")) == (
        f"the state folder {'/' + 's' * 100!r} is 45 characters too long for a real node's "
        "sockets: choose a shorter one (KUBIA_STATE)"
    )
