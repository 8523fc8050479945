"""The images that the stacks name, built from images/ and kept as archives in the cache.

An archive's name holds a hash of all that goes into it, so what has not changed is not rebuilt.
"""

import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kubia.local import bases, files, paths, shell
from kubia.local.report import Report

_SOURCES = Path(__file__).with_name("images")
_PACKAGE = Path(__file__).resolve().parents[1]
"""The package kubia, be it a checkout's or installed from a wheel."""
_OPERATOR = (
    "__init__.py",
    "errors.py",
    "kubeconfig.py",
    "yaml12.py",
    "live",
    "manifests",
    "operator",
)
"""What of the package the operator is made of: no other change rebuilds its image."""
_OPERATOR_REQUIREMENTS = _SOURCES / "nginx-operator/requirements.txt"
PROJECT = ("Pulumi.yaml", "__main__.py", "components", "requirements.txt", "stacks")
"""What a project in a checkout is made of, beside kubia itself."""
HUB = "docker.io/library/"
"""What a name without a registry means to Kubernetes."""
NAME = "io.containerd.image.name"  # The annotation from which containerd takes the name.


@dataclass(frozen=True)
class Image:
    """A folder with a Containerfile, and the images that are built from it."""

    folder: str
    base: Literal["debian", "nginx", "scratch"]
    tags: Mapping[str, Mapping[str, str]]
    """Each image's name, and the build arguments that make it."""
    extra: Mapping[str, Path] = field(default_factory=dict)
    """Files and folders outside of `folder` that the Containerfile copies, by the path at which it
    finds them."""
    requirements: Path | None = None
    """What pins the packages that its Containerfile takes from an image, PACKAGES."""

    @property
    def sources(self) -> Mapping[str, Path]:
        """The Containerfile and what it may copy: files and folders by their path in the build."""
        own = {path.name: path for path in sorted((_SOURCES / self.folder).iterdir())}
        return {**own, **self.extra}

    @property
    def has_sources(self) -> bool:
        """Whether all that it is built from is there; programs may be still to be built."""
        return all(source.exists() for source in self.sources.values())


def of_node(tools: Path) -> tuple[Image, ...]:
    """Return the images that a real node is given; `tools` is the folder of its programs."""
    versions = ("v1", "v2", "v3", "v4", "unhealthy")
    return (
        Image("pause", "scratch", {"localhost/pause:1": {}}, {"pause": tools / "pause"}),
        Image("kubia", "debian", {f"kubia:{each}": {"VERSION": each} for each in versions}),
        Image("ssd-monitor", "debian", {"ssd-monitor:v1": {}}),
        Image("nginx", "nginx", {"kubia-nginx:1.31": {}}),
        Image(
            "nginx-operator",
            "debian",
            {"kubia-nginx-operator:0.1": {}},
            {f"kubia/{name}": _PACKAGE / name for name in _OPERATOR},
            _OPERATOR_REQUIREMENTS,
        ),
    )


def cli(project: Path) -> Image:
    """Return the image of kubia with a project, for a DriftCheck; no stack as it is needs it.

    `project` is a checkout of kubia, or a copy of one: its requirements.txt pins what kubia needs.
    """
    extra = {"kubia": _PACKAGE, **{name: project / name for name in PROJECT}}
    return Image("kubia-cli", "debian", {"kubia-cli:1": {}}, extra, project / "requirements.txt")


def archive(image: Image) -> Path:
    """Return where the built images are kept, whether or not they exist yet."""
    return paths.cache() / "images" / f"{image.folder}-{_fingerprint(image)}.tar"


def _fingerprint(image: Image) -> str:
    content = hashlib.sha256(bases.RECIPE.encode())
    content.update(f"{image.base} {image.tags}".encode())
    for name, source in image.sources.items():
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and "__pycache__" not in path.parts:
                content.update(f"{Path(name, path.relative_to(source))}\0".encode())
                content.update(path.read_bytes())
    return content.hexdigest()[:12]


def stage(image: Image, context: Path) -> None:
    """Make the folder `context`, which holds the Containerfile and what it may copy."""
    for name, source in image.sources.items():
        target = context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)


def build(images: Sequence[Image], report: Report) -> None:
    """Build the archives that are missing."""
    if all(archive(image).exists() for image in images):
        return
    with files.locked(paths.cache() / "images/.lock"):
        _build_missing(images, report)


def _build_missing(images: Iterable[Image], report: Report) -> None:
    missing = [image for image in images if not archive(image).exists()]
    with tempfile.TemporaryDirectory(prefix=".build-", dir=paths.cache()) as folder:
        builder = _Builder(Path(folder))
        for image in missing:
            needed = {"BASE": builder.base(image.base, report)}
            if image.requirements:
                needed["PACKAGES"] = builder.packages(image, image.requirements, report)
            with report.step(f"building {' '.join(image.tags)}"):
                builder.build(image, needed)


class _Builder:
    """Buildah with a storage of its own, which goes when the work is done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bases: dict[str, str] = {}

    def base(self, kind: str, report: Report) -> str:
        """Return the name of a base image, made now if it is not there."""
        if kind == "scratch":
            return kind
        make = bases.debian if kind == "debian" else bases.nginx
        return self._imported(kind, lambda: make(report))

    def packages(self, image: Image, requirements: Path, report: Report) -> str:
        """Return the name of an image with the packages that another one needs."""
        kind = f"packages-{image.folder}"
        return self._imported(kind, lambda: bases.packages(image.folder, requirements, report))

    def _imported(self, kind: str, make: Callable[[], Path]) -> str:
        """Return the name of an image with what is in a folder or a tar file, and nothing else."""
        if kind in self._bases:
            return self._bases[kind]
        root = make()
        context = self._folder / f"base-{kind}"
        context.mkdir()
        (context / "Containerfile").write_text(f"FROM scratch\nADD {root.name} /\n")
        if root.is_dir():
            shutil.copytree(root, context / root.name)
        else:
            (context / root.name).hardlink_to(root)
        name = f"localhost/base-{kind}:1"
        self._buildah("build", "--quiet", "--tag", name, context)
        shutil.rmtree(context)
        self._bases[kind] = name
        return name

    def build(self, image: Image, needed: Mapping[str, str]) -> None:
        """Build all of an image's tags into one archive, in which they share what is common.

        `needed` names the images that its Containerfile begins with, by build argument.
        """
        context = self._folder / image.folder
        layout = self._folder / f"{image.folder}-layout"
        stage(image, context)
        for tag, arguments in image.tags.items():
            local = f"localhost/built-{tag.rpartition('/')[2]}"
            pairs = {**needed, **arguments}.items()
            given = [f"--build-arg={key}={value}" for key, value in pairs]
            self._buildah("build", "--quiet", "--tag", local, *given, context)
            self._buildah("push", "--quiet", local, f"oci:{layout}:{tag}")
        _name(layout)
        draft = archive(image).with_suffix(".new")
        with tarfile.open(draft, "w") as content:
            content.add(layout, ".")
        for outdated in archive(image).parent.glob(f"{image.folder}-*.tar"):
            outdated.unlink()
        draft.rename(archive(image))
        shutil.rmtree(layout)

    def _buildah(self, command: str, *words: str | Path) -> None:
        storage = [
            f"--root={self._folder}/storage",
            f"--runroot={self._folder}/run",
            "--storage-driver=vfs",
        ]
        env = {"BUILDAH_ISOLATION": "chroot", "BUILDAH_FORMAT": "oci"}
        shell.run(["buildah", *storage, command, *words], env=env)


def _name(layout: Path) -> None:
    """Write each image's full name into an OCI layout's index."""
    path = layout / "index.json"
    index = json.loads(path.read_text())
    for manifest in index["manifests"]:
        tag = manifest["annotations"]["org.opencontainers.image.ref.name"]
        manifest["annotations"][NAME] = full(tag)
    path.write_text(json.dumps(index))


def full(name: str) -> str:
    """Return an image's name with its registry, as a pod's short name is understood."""
    first, slash, _ = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return name
    return f"docker.io/{name}" if slash else f"{HUB}{name}"


def load(image: Image, ctr: Path, socket: Path, loaded: Path) -> None:
    """Import an archive into containerd; `loaded` remembers what was, to do it once."""
    mark = loaded / archive(image).name
    if mark.exists():
        return
    loaded.mkdir(parents=True, exist_ok=True)
    shell.run([*client(ctr, socket), "import", "--local", archive(image)])
    mark.touch()


def client(ctr: Path, socket: Path) -> tuple[str | Path, ...]:
    """Return the command that works on the images of a node's containerd."""
    return (ctr, "--address", socket, "--namespace", "k8s.io", "images")


def prepare(images: Sequence[Image], report: Report) -> None:
    """Fetch the base images that are missing, and build these images."""
    with files.locked(paths.cache() / "bases/.lock"):
        bases.debian(report)
        bases.nginx(report)
        bases.packages("nginx-operator", _OPERATOR_REQUIREMENTS, report)
    build(images, report)
