"""Whatever a stack file, a kubeconfig or an answer holds: a sentence, and never a traceback.

SEED chooses other cases and COUNT how many of each; CI runs more than 10,000 with test_answers.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from kubia import kubeconfig, yaml12
from kubia.apply.connection import Connection
from kubia.errors import KubiaError
from kubia.program import objects
from kubia.project import contract, stackfile, yamledit
from kubia.session import Session
from stacks import settings as stack_settings

SEED = int(os.environ.get("SEED") or 1)
COUNT = int(os.environ.get("COUNT") or 1600)
SECRET = "hunter2"
FILE = Path(__file__).parents[2] / "stacks" / "Pulumi.dev.yaml"
DEV = FILE.read_text().replace("secrets: {}", f"secrets: {{TOKEN: {SECRET}}}")
PIECES = (
    *("&a ", "*a", "<<: ", "!!str ", "!x ", "? ", "- ", ": ", "{", "}", "[", "]", "'", '"', "|\n"),
    *("\n", "\r\n", "\t", "  ", "# ", "---\n", "...\n", "%YAML 1.1\n", "\ufeff", "\x00", "\x85"),
    *(
        "0123",
        "1_000",
        "1e999",
        ".nan",
        "2001-01-01",
        "null",
        "no",
        "9" * 30,
        "kubia:services",
        "web",
    ),
)
generated = settings(
    max_examples=COUNT,
    phases=[Phase.generate],  # shrinking takes minutes
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
pieces = st.sampled_from(PIECES) | st.text(max_size=3)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    leaves | st.sampled_from(PIECES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@st.composite
def files(draw: st.DrawFn, text: str) -> bytes:
    """Draw a file's bytes: the text with pieces put in, taken out and doubled."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        text = text[:start] + draw(pieces) + text[end:]
    encoding = draw(st.sampled_from(["utf-8"] * 9 + ["utf-16", "latin-1"]))
    return text.encode(encoding, errors="replace")


def sentence(error: KubiaError) -> None:
    """Check that an error is for its reader, and tells nobody's secret."""
    assert str(error).strip()
    assert SECRET not in str(error)
    assert "Traceback" not in str(error)


@seed(SEED)
@generated
@given(files(DEV))
def test_a_stack_file_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    try:
        document = stackfile.parsed(data.decode(), FILE)
        project = stackfile.Project(FILE.parents[1], "kubia", FILE.parent)
        stack = stackfile.of_document(project, "dev", FILE, document)
        contract.contexts(stack)
        contract.services(document, "kubia")
        contract.plain_secrets(document, "kubia")
        stack_settings.parse("f", stack.config)
    except UnicodeDecodeError:
        return
    except KubiaError as error:
        sentence(error)


@seed(SEED)
@generated
@given(
    st.sampled_from(
        [
            *("web", "services", "defaults", "sites", "secrets", "agents", "operators"),
            *("resources", "protect"),
        ]
    ),
    values,
    st.sampled_from(["", "image", "hello", "content", "env", "strategy", "TOKEN", "kubia"]),
)
def test_a_setting_of_any_value_is_taken_or_refused(key: str, value: Any, inner: str) -> None:
    config = dict(stackfile.parsed(DEV, FILE)["config"])
    config[f"kubia:{key}"] = {inner: value} if inner else value
    try:
        stack_settings.parse("f", config)
    except KubiaError as error:
        sentence(error)


@seed(SEED)
@generated
@given(files(DEV), st.dictionaries(st.sampled_from(["image", "strategy", "x"]), values))
def test_an_edit_holds_what_it_should_or_is_left_to_a_person(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, web: dict[str, Any]
) -> None:
    file = tmp_path_factory.getbasetemp() / "Pulumi.dev.yaml"
    file.write_bytes(data)
    try:
        content = stackfile.read(file)
        content["web"] = json.loads(json.dumps(web).replace("NaN", "0").replace("Infinity", "1"))
        new = yamledit.edited(file, content)
    except KubiaError as error:
        sentence(error)
        return
    assert json.dumps(stackfile.parsed(new, file), sort_keys=True) == json.dumps(
        content, sort_keys=True
    )


LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
names = st.from_regex(r"\A[a-z][-a-z0-9]{0,62}\Z") | st.text(max_size=5)


@seed(SEED)
@settings(generated, max_examples=COUNT // 10)
@given(
    st.sampled_from(["services", "sites", "agents", "operators"]),
    names,
    st.sampled_from(["RollingUpdate", "BlueGreen", "Canary"]),
)
def test_a_name_is_refused_or_makes_objects_with_legal_names(
    key: str, name: str, strategy: str
) -> None:
    config = dict(stackfile.parsed(DEV, FILE)["config"])
    config["kubia:secrets"] = {}
    web: dict[str, Any] = {"image": "a:1", "strategy": {"type": strategy}}
    web["strategy"] |= {"RollingUpdate": {}, "BlueGreen": {"active": "blue"}}.get(
        strategy, {"canaryImage": "a:2"}
    )
    own = {
        "services": {**web, "files": {"/etc/a/b": "c"}},
        "sites": {"content": {"index.html": "a"}},
        "agents": {"image": "a:1", "nodeSelector": {"disk": "ssd"}},
        "operators": {},
    }
    config[f"kubia:{key}"] = {name: own[key]}
    project = stackfile.Project(FILE.parents[1], "kubia", FILE.parent)
    try:
        stack = stackfile.of_document(project, "dev", FILE, {"config": config})
        program = Session(stack, "kubectl", "kubia").program
    except KubiaError as error:
        sentence(error)
        return
    for manifest in objects.of_program(program):
        assert (LABEL if manifest.key.kind == "Service" else SUBDOMAIN).fullmatch(manifest.key.name)
        for place, text in leaves_of(manifest.object):
            if place[-2:-1] in (("labels",), ("matchLabels",)):
                assert VALUE.fullmatch(text), place
            if place[-1:] == ("name",) and place[-3:-2] in (("containers",), ("volumes",)):
                assert LABEL.fullmatch(text), place


def leaves_of(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield all that is neither mapping nor list, with its place."""
    if not isinstance(value, (dict, list)):
        yield place, value
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves_of(inner, (*place, key))


CONFIG = json.dumps(
    {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://a", "proxy-url": ""}}],
        "users": [{"name": "u", "user": {"token": SECRET, "exec": {"command": "x", "env": []}}}],
    },
    indent=1,
)


@seed(SEED)
@generated
@given(files(CONFIG))
def test_a_kubeconfig_of_any_bytes_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "config"
    file.write_bytes(data)
    try:
        access = kubeconfig.access([file])
        assert SECRET not in f"{access!r} {access}"
    except KubiaError as error:
        sentence(error)


@seed(SEED)
@generated
@given(values)
def test_what_is_written_is_read_as_it_was(value: Any) -> None:
    plain = json.loads(json.dumps(value), parse_constant=str, parse_int=_clipped)
    assert yaml12.load(yaml12.dump(plain), "f") == plain


def _clipped(number: str) -> int:
    """Return a number that 64 bits hold."""
    return int(number) % 2**63


@seed(SEED)
@generated
@given(st.sampled_from([400, 401, 403, 404, 409, 422, 500]), values | st.binary(max_size=20))
def test_an_answer_of_any_content_is_an_error_that_says_something(code: int, answer: Any) -> None:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    for body in (data, json.dumps({"kind": "Status", "message": str(answer)}).encode()):
        error = Connection("c", Path("nowhere"))._error(code, body)  # noqa: SLF001 - without a server
        assert isinstance(error, KubiaError)
