"""The wheel in an empty environment: all that a user without a checkout can do."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

# They share an environment, for which all that kubia needs is fetched.
pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[2]
NOT_SOURCES = (".*", "__pycache__", "*.egg-info", "build", "venv")
OURS = ("KUBIA_CONTEXT", "KUBIA_STACK", "KUBECONFIG", "PYTHONPATH", "PULUMI_")
"""What the user's environment does not have of ours; KUBIA_CACHE it keeps, for what is built."""

PROGRAM = {
    "Pulumi.yaml": "name: shop\nruntime: python\nstackConfigDir: stacks\n",
    "stacks/Pulumi.dev.yaml": "config:\n  shop:contexts: [wheel]\n",
    "stacks/__init__.py": "REPLICAS = 2\n",
    "components/__init__.py": 'LABELS = {"team": "shop"}\n',
    "__main__.py": """
import pulumi
from components import LABELS
from stacks import REPLICAS

from kubia.components import WebService

args = {"namespace": "shop", "image": "shop:1.4", "replicas": REPLICAS, "labels": LABELS}
web = WebService("shop", args)
pulumi.export("url", web.url)
""",
}
"""A program of the user's own, with folders that are called as those of kubia's checkout."""

HASHES = """
from kubia.local import images, tools
folder = tools.folder()
built = [each for each in images.of_node(folder) if each.base != "scratch"]
print(folder.name, *(images.archive(image).name for image in built))
"""
"""Prints the hashes of all that a local cluster is built from."""


@dataclass(frozen=True)
class User:
    """Somebody who has installed the wheel, in a folder that has nothing to do with a checkout."""

    folder: Path

    def run(self, program: str, *args: str) -> str:
        """Return what a program of the environment prints."""
        done = self.attempt(program, *args)
        assert done.returncode == 0, f"{program} {' '.join(args)}: {done.stderr}"
        return done.stdout

    def attempt(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, with clusters of the user's own."""
        inherited = {key: each for key, each in os.environ.items() if not key.startswith(OURS)}
        return subprocess.run(
            [self.folder / "venv/bin" / program, *args],
            cwd=self.folder,
            env={**inherited, "KUBIA_STATE": str(self.folder / "state")},
            capture_output=True,
            text=True,
            check=False,
        )


def wheel_of(source: Path) -> Path:
    """Build a wheel beside the folder of its source, as `pip wheel` does."""
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    command = [sys.executable, "-m", "pip", "wheel", *flags, "--wheel-dir", "..", "."]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(source.parent.glob("kubia-*.whl"))


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the checkout, in which a build leaves nothing behind."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(*NOT_SOURCES))
    return wheel_of(folder / "source")


@pytest.fixture(scope="module", name="user")
def _user(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> User:
    """Install the wheel and what it needs into an environment that has nothing else."""
    user = User(tmp_path_factory.mktemp("user"))
    subprocess.run([sys.executable, "-m", "venv", user.folder / "venv"], check=True)
    probe = ("download", "--quiet", "--no-deps", "--retries=0", "--dest=index", "packaging")
    if missing := user.attempt("pip", *probe).stderr.strip().splitlines():
        pytest.skip(f"no package index can be reached: {missing[-1]}")
    # Compiled is what the tests use; all of it would take half as long again.
    user.run("pip", "install", "--quiet", "--no-compile", str(wheel))
    for name, content in PROGRAM.items():
        file = user.folder / "my-program" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return user


def sources(package: str, folder: str) -> set[str]:
    """Return what a folder of the checkout is in the wheel."""
    return {
        f"{package}/{path.relative_to(ROOT / folder)}"
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_holds_kubia_and_the_components_with_all_their_files_and_nothing_else(
    wheel: Path,
) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {name for name in names if ".dist-info/" not in name}
    assert files == sources("kubia", "kubia") | sources("kubia/components", "components")
    assert files >= {
        "kubia/py.typed",
        "kubia/components/schema.json",
        "kubia/local/cluster/go.mod",
        "kubia/local/images/nginx-operator/Containerfile",
    }


def test_a_source_distribution_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    build = "import setuptools.build_meta as backend; print(backend.build_sdist('..'))"
    source = shutil.copytree(wheel.parent / "source", tmp_path / "source")
    subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    subprocess.run(["tar", "xf", archive], cwd=tmp_path, check=True)
    again = wheel_of(tmp_path / archive.name.removesuffix(".tar.gz"))

    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {name: first.read(name) for name in first.namelist()} == {
            name: second.read(name) for name in second.namelist()
        }


def test_the_command_line_says_its_version(user: User, wheel: Path) -> None:
    version = wheel.name.split("-")[1]
    assert user.run("kubia", "--version") == f"kubia {version}\n"
    assert user.run("python", "-m", "kubia", "--version") == f"kubia {version}\n"


def test_a_program_with_components_and_stacks_of_its_own_takes_ours_beside_them(
    user: User,
) -> None:
    rendered = user.run("kubia", "-C", "my-program", "render", "--stack", "dev")
    service, deployment = yaml.safe_load_all(rendered)
    assert (service["kind"], deployment["kind"]) == ("Service", "Deployment")
    assert deployment["metadata"]["labels"]["team"] == "shop"
    assert deployment["spec"]["replicas"] == 2


def test_in_a_checkout_a_program_takes_the_checkouts_own_modules(user: User) -> None:
    checkout = user.folder / "checkout"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    init = checkout / "kubia/__init__.py"
    init.write_text(init.read_text() + "\nraise ImportError('of the checkout')\n")

    failed = user.attempt("kubia", "-C", "checkout", "render", "--stack", "dev")

    assert failed.returncode == 1
    assert "ImportError: of the checkout" in failed.stderr
    assert "/checkout/__main__.py" in failed.stderr


def test_a_cluster_is_built_from_the_same_sources_as_in_a_checkout(user: User) -> None:
    command = [sys.executable, "-c", HASHES]
    checkout = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "nginx-operator-" in checkout.stdout
    assert user.run("python", "-c", HASHES) == checkout.stdout


@pytest.fixture(name="down")
def _down(user: User) -> Iterator[None]:
    """Remove the cluster, however the test ends."""
    yield
    user.attempt("kubia", "cluster", "down", "--name", "wheel")


@pytest.mark.e2e
@pytest.mark.usefixtures("down")
def test_a_cluster_comes_up_and_goes(user: User) -> None:
    user.run("kubia", "cluster", "up", "--name", "wheel", "--nodes", "simulated")
    status = json.loads(user.run("kubia", "cluster", "status", "--name", "wheel", "--json"))
    assert (status["ready"], status["nodes"]) == (True, "simulated")
    assert Path(status["kubeconfig"]).is_relative_to(user.folder)
    user.run("kubia", "cluster", "down", "--name", "wheel")
    gone = user.attempt("kubia", "cluster", "status", "--name", "wheel")
    assert (gone.returncode, gone.stdout) == (1, "there is no cluster wheel\n")
