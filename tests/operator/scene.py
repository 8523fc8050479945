"""What one test plays on: a proxy, namespaces, and the operators that it starts in them."""

import secrets
from pathlib import Path

from tests.operator.cluster import ApiError, Cluster, Namespace, until
from tests.operator.process import Operator
from tests.operator.proxy import Proxy

_LAST_WORDS = 6000


class Scene:
    """One test's own part of the cluster."""

    def __init__(self, name: str, cluster: Cluster, directory: Path) -> None:
        self.name = name
        self.cluster = cluster
        self.proxy = Proxy(cluster.kubeconfig)
        self.namespaces: list[Namespace] = []
        self.operators: list[Operator] = []
        self._directory = directory

    def namespace(self) -> Namespace:
        """Make a namespace."""
        name = f"t-{secrets.token_hex(4)}"
        self.cluster.create("/api/v1/namespaces", {"metadata": {"name": name}})
        self.namespaces.append(Namespace(self.cluster, name))
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        until("pods can be made", lambda: self.cluster.find(account))
        return self.namespaces[-1]

    def start(self, *flags: str, namespaces: str = "", token_file: str = "") -> Operator:
        """Start an operator; by default it keeps the first namespace."""
        chosen = namespaces or self.namespaces[0].name
        operator = Operator(self._directory, self.proxy, chosen, *flags, token_file=token_file)
        self.operators.append(operator)
        return operator

    @property
    def running(self) -> bool:
        """Whether any operator runs that could write."""
        return any(operator.running for operator in self.operators)

    def wrong(self) -> list[str]:
        """Return every way in which the cluster differs from what the sources want."""
        return [problem for namespace in self.namespaces for problem in namespace.wrong()]

    def logs(self) -> str:
        """Return the last words of each operator."""
        return "\n".join(each.log.read_text()[-_LAST_WORDS:] for each in self.operators)

    def close(self) -> None:
        """End the operators and the proxy; have the namespaces removed."""
        for operator in self.operators:
            operator.end()
        for namespace in self.namespaces:
            try:
                self.cluster.call("DELETE", f"/api/v1/namespaces/{namespace.name}")
            except ApiError as error:
                if error.code not in {404, 409}:  # The test may have deleted it.
                    raise
        self.proxy.close()
