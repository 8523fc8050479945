"""The package under Pulumi's own engine: its schema, and a program in each of three languages."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Cluster

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "correct horse"
HOSTS = {"python": "python", "typescript": "nodejs", "yaml": "yaml"}
"""What runs the programs of each language: a program of Pulumi's own distribution."""
PROGRAMS = {"python": "__main__.py", "typescript": "index.ts", "yaml": "Pulumi.yaml"}

pytestmark = [
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="Pulumi's CLI is not on PATH"),
    pytest.mark.timeout(1800),
]


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Pulumi:
    """Pulumi's CLI as a user types it in a folder, with a state and a home of its own."""

    folder: Path
    home: Path
    kubeconfig: Path | None = None

    def try_(self, *args: str) -> Result:
        """Run a command and return how it ended."""
        environment = {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig or os.devnull),
            "PULUMI_BACKEND_URL": f"file://{self.home}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(self.home / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        done = subprocess.run(
            ["pulumi", "--color", "never", "--non-interactive", *args],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def __call__(self, *args: str) -> str:
        """Run a command, which must work, and return what it prints."""
        result = self.try_(*args)
        assert result.code == 0, result.out + result.err
        return result.out


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what a checkout holds, in which the package is installed once."""
    folder = tmp_path_factory.mktemp("package")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / "kubia" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    (folder / "state").mkdir()
    if provider := shutil.which("pulumi-resource-kubernetes"):  # Pulumi would download it
        given = ("resource", "kubernetes", version("pulumi-kubernetes"), "--file", provider)
        Pulumi(folder, folder / "state")("plugin", "install", *given)
    return folder / "kubia"


def test_the_schema_that_pulumi_gets_of_a_checkout_is_the_committed_one(checkout: Path) -> None:
    pulumi = Pulumi(checkout, checkout.parent / "state")
    schema = json.loads(pulumi("package", "get-schema", "./plugin"))
    committed = json.loads((ROOT / "components/schema.json").read_text())
    assert schema["version"] == committed["version"]
    for part in ("resources", "types"):
        assert schema[part] == as_pulumi_writes_it(committed[part])


@pytest.mark.parametrize("language", HOSTS)
def test_a_program_of_each_language_previews_deploys_changes_and_destroys(
    checkout: Path, cluster: Cluster, language: str
) -> None:
    host = f"pulumi-language-{HOSTS[language]}"
    if shutil.which(host) is None:
        pytest.skip(f"{host}, of Pulumi's distribution, is not on PATH")
    program = checkout / "examples/package" / language
    pulumi = Pulumi(program, checkout.parent / "state", cluster.kubeconfig)
    pulumi("install")
    pulumi("stack", "init", "test")
    pulumi("config", "set", "kubernetes:context", cluster.name)
    pulumi("config", "set", "--secret", "token", TOKEN)

    previewed = pulumi("preview")
    assert "kubia:index:WebService" in previewed
    assert "6 to create" in previewed
    assert cluster.get("deployment", "default", "shop") is None

    deployed = pulumi("up", "--yes", "--skip-preview")
    assert TOKEN not in deployed + pulumi("stack", "export")
    assert pulumi("stack", "output", "url").strip() == "http://shop.default.svc.cluster.local"
    deployment = cluster.get("deployment", "default", "shop")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert deployment["status"]["availableReplicas"] == 3
    assert container["image"] == "shop:1.4"
    assert container["readinessProbe"]["periodSeconds"] == 2
    cause = deployment["metadata"]["annotations"]["kubernetes.io/change-cause"]
    assert cause == "release 1.4 of test"

    change(program, language, "4")
    pulumi("up", "--yes", "--skip-preview")
    assert cluster.get("deployment", "default", "shop")["spec"]["replicas"] == 4

    for token in ("battery staple", TOKEN):  # there, and back to what was
        pulumi("config", "set", "--secret", "token", token)
        pulumi("up", "--yes", "--skip-preview")
        assert kept(cluster) == [secret_of(cluster.get("deployment", "default", "shop"))]

    change(program, language, "-1")
    refused = pulumi.try_("preview")
    assert refused.code != 0, refused.out
    assert (
        "error: kubia:index:WebService resource 'shop' has a problem: "
        "WebService 'shop': replicas: is -1; must be at least 0\n"
    ) in refused.out
    assert "Unexpected" not in refused.out

    pulumi("destroy", "--yes", "--skip-preview")
    assert cluster.get("deployment", "default", "shop") is None
    assert kept(cluster) == []


def kept(cluster: Cluster) -> list[str]:
    """Return the names of the service's Secrets."""
    names = [each["metadata"]["name"] for each in cluster.get("secret", "default") or []]
    return [name for name in names if name.startswith("shop-env-")]


def secret_of(deployment: Any) -> str:
    """Return the name of the Secret that the pods take."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return str(container["envFrom"][0]["secretRef"]["name"])


def as_pulumi_writes_it(schema: Any) -> Any:
    """Return a part of a schema less what Pulumi leaves out: descriptions of items and values."""
    if isinstance(schema, list):
        return [as_pulumi_writes_it(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: as_pulumi_writes_it(value) for key, value in schema.items()}
    for key in ("items", "additionalProperties"):
        if key in kept and "type" in kept:
            kept[key].pop("description", None)
    return kept


def change(program: Path, language: str, replicas: str) -> None:
    """Change the number of replicas in a program's source."""
    source = program / PROGRAMS[language]
    text, changed = re.subn(
        r"(?m)^( +replicas[=:] ?)-?\d+", rf"\g<1>{replicas}", source.read_text()
    )
    assert changed == 1, text
    source.write_text(text)
