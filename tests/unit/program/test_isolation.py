"""kubia.program.isolation: what a program may import and change, as in a process of its own."""

import os
import sys
from pathlib import Path

import pytest
import rich
import yaml

import components
import kubia
from kubia.program.run import run_file

WHOSE = "WHOSE = 'own'\n"
EXPORT = """
import importlib
import pulumi
for name in {names}:
    pulumi.export(name, getattr(importlib.import_module(name), "WHOSE", "another's"))
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def outputs(root: Path) -> dict[str, object]:
    return dict(run_file(root, "shop", "dev").outputs)


def imported(root: Path, *names: str) -> dict[str, object]:
    """Return whose module the program gets by each name."""
    return outputs(write(root, {"__main__.py": EXPORT.format(names=names)}))


@pytest.mark.parametrize("name", ["components", "stacks", "kubia", "rich", "utils", "secrets"])
@pytest.mark.parametrize("file", ["{}.py", "{}/__init__.py"])
def test_a_module_of_any_name_is_the_projects_own(tmp_path: Path, name: str, file: str) -> None:
    write(tmp_path, {file.format(name): WHOSE})
    assert imported(tmp_path, name) == {name: "own"}


@pytest.mark.parametrize("name", ["typing", "operator", "logging", "yaml", "google", "pulumi"])
def test_what_python_and_pulumi_have_loaded_before_is_never_the_projects(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, {f"{name}.py": WHOSE})
    assert imported(tmp_path, name) == {name: "another's"}


def test_a_folder_of_data_hides_no_package(tmp_path: Path) -> None:
    write(tmp_path, {"rich/values.yaml": "", "kubia/values.yaml": ""})
    assert imported(tmp_path, "rich", "kubia") == {"kubia": "another's", "rich": "another's"}


def test_folders_without_init_are_packages_of_the_project(tmp_path: Path) -> None:
    files = {"infra/net/a.py": "from .b import WHOSE\n", "infra/net/b.py": WHOSE}
    assert imported(write(tmp_path, files), "infra.net.a") == {"infra.net.a": "own"}


def test_each_project_gets_its_own_one_after_the_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        file = {"components/__init__.py": f"WHOSE = {name!r}\n"}
        assert imported(write(tmp_path / name, file), "components") == {"components": name}


def test_a_second_run_sees_what_was_edited_meanwhile(tmp_path: Path) -> None:
    """Such as a rollback, which previews and applies the program in one command."""
    for whose in ("first", "and second"):
        write(tmp_path, {"infra/net.py": f"WHOSE = {whose!r}\n"})
        assert imported(tmp_path, "infra.net") == {"infra.net": whose}


def test_a_second_run_declares_again_what_modules_declare_when_they_are_loaded(
    tmp_path: Path,
) -> None:
    config_map = "from pulumi_kubernetes.core.v1 import ConfigMap\nConfigMap('a')\n"
    write(tmp_path, {"__main__.py": "import infra\n", "infra.py": config_map})
    for _ in range(2):
        assert [each.name for each in run_file(tmp_path, "shop", "dev").resources] == ["a"]


def test_a_second_run_registers_again_what_packages_of_the_project_register(
    tmp_path: Path,
) -> None:
    crds = """
import pulumi

class Module(pulumi.runtime.ResourceModule):
    def version(self):
        return None

    def construct(self, name, typ, urn):
        raise NotImplementedError

pulumi.runtime.register_resource_module("crds", "shop/v1", Module())
WHOSE = "own"
"""
    write(tmp_path, {"crds/__init__.py": crds})
    for _ in range(2):
        assert imported(tmp_path, "crds") == {"crds": "own"}


def test_an_apply_may_load_what_no_one_has_loaded_before(tmp_path: Path) -> None:
    main = """
import pulumi

def whose(_):
    import late
    return late.WHOSE

pulumi.export("whose", pulumi.Output.from_input(1).apply(whose))
"""
    write(tmp_path, {"__main__.py": main, "late.py": WHOSE})
    assert outputs(tmp_path) == {"whose": "own"}


def test_a_root_may_be_a_link_and_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "real", {"infra.py": WHOSE, "__main__.py": EXPORT.format(names=["infra"])})
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    assert outputs(Path("link")) == {"infra": "own"}


def test_a_program_is_started_with_no_arguments_of_the_command(tmp_path: Path) -> None:
    write(tmp_path, {"__main__.py": "import pulumi, sys\npulumi.export('argv', sys.argv)\n"})
    assert outputs(tmp_path) == {"argv": [str(tmp_path / "__main__.py")]}


def test_whatever_a_program_sets_is_afterwards_as_it_was(tmp_path: Path) -> None:
    before = sys.path[:], sys.argv[:], dict(os.environ), Path.cwd()
    modules = dict(sys.modules)
    main = """
import os, sys
import components, kubia, rich, pulumi
os.environ["KUBECONFIG"] = "/nowhere"
os.chdir("/")
sys.path[:] = ["/nowhere"]
sys.argv.append("--all")
"""
    own = {f"{name}.py": WHOSE for name in ("components", "kubia", "rich", "yaml", "infra")}
    write(tmp_path, {**own, "__main__.py": main})

    outputs(tmp_path)

    assert (sys.path, sys.argv, dict(os.environ), Path.cwd()) == before
    assert modules.items() <= sys.modules.items()
    assert [sys.modules[module.__name__] for module in (components, kubia, rich, yaml)] == [
        components,
        kubia,
        rich,
        yaml,
    ]
    assert "infra" not in sys.modules


def test_installed_packages_are_loaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some cannot be loaded twice, and pulumi_kubernetes takes a second."""
    folder = tmp_path / "shop/vendor"
    write(folder, {"bought-1.dist-info/METADATA": "", "bought.py": f"{WHOSE}print('loaded')\n"})
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    for _ in range(2):
        assert imported(tmp_path / "shop", "bought") == {"bought": "own"}
    assert capsys.readouterr().err == "loaded\n"
    del sys.modules["bought"]
