"""kubia.actions.secret: secrets in a stack file, as Pulumi's passphrase provider seals them."""

import json
from concurrent import futures
from pathlib import Path

import pytest
import yaml

from kubia.actions import secret
from kubia.errors import InvalidError
from kubia.project.passphrase import Passphrase
from kubia.session import without_cluster
from tests.unit.sealing import Sealer

ROUNDS = 10
STACK = """\
# The first line.
config:
  shop:contexts: [kubia, "kind-*"]  # which clusters
  shop:secrets: {}
  shop:services: {till: {image: 'shop:1'}}
"""


@pytest.fixture(name="file")
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(STACK)
    return file


def put(file: Path, name: str, value: str = "hunter2") -> None:
    secret.put(secret.of_service(file.parent, "dev", None), name, lambda: value, rounds=ROUNDS)


def opened(file: Path) -> dict[str, str]:
    secrets = secret.of_service(file.parent, "dev", None)
    seal = Passphrase("correct horse", secrets.document["encryptionsalt"], rounds=ROUNDS)
    return {name: seal.decrypt(item["secure"]) for name, item in secrets.sealed.items()}


def refusal(file: Path, name: str = "API_TOKEN") -> str:
    before = file.read_bytes()
    with pytest.raises(InvalidError) as caught:
        put(file, name)
    assert file.read_bytes() == before
    return str(caught.value)


def test_what_is_set_opens_again_and_no_other_line_changes(file: Path) -> None:
    put(file, "API_TOKEN")
    put(file, "KEY", "zwei\nZeilen")

    assert opened(file) == {"API_TOKEN": "hunter2", "KEY": "zwei\nZeilen"}
    text = file.read_text()
    assert "hunter2" not in text
    kept = [line for line in STACK.splitlines() if "secrets" not in line]
    assert [line for line in text.splitlines() if line in STACK.splitlines()] == kept


def test_a_secret_set_anew_leaves_the_others_as_they_are_sealed(file: Path) -> None:
    put(file, "API_TOKEN")
    put(file, "KEY")
    before = secret.of_service(file.parent, "dev", None).sealed
    put(file, "KEY", "other")

    assert secret.of_service(file.parent, "dev", None).sealed["API_TOKEN"] == before["API_TOKEN"]
    assert opened(file)["KEY"] == "other"


def test_secrets_are_listed_and_removed_without_a_passphrase(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(file, "API_TOKEN")
    put(file, "KEY")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    capsys.readouterr()

    secret.remove(secret.of_service(file.parent, "dev", None), "KEY")
    assert capsys.readouterr().out == (
        "KEY of till is gone from Pulumi.dev.yaml: bring it up by `kubia up -s dev`\n"
    )
    secret.show(secret.of_service(file.parent, "dev", None), as_json=False)
    assert capsys.readouterr().out == "API_TOKEN\n"
    secret.show(secret.of_service(file.parent, "dev", None), as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"name": "API_TOKEN", "sealed": True}]
    with pytest.raises(InvalidError) as caught:
        secret.remove(secret.of_service(file.parent, "dev", None), "API_TOKEM")
    assert str(caught.value) == (
        "there is no secret 'API_TOKEM': till has API_TOKEN; did you mean 'API_TOKEN'?"
    )


def test_the_value_is_never_taken_from_the_command_line(file: Path) -> None:
    assert refusal(file, "API_TOKEN=hunter2").endswith(
        "the value is read from standard input, or asked for."
    )


def test_a_wrong_passphrase_or_another_provider_changes_nothing(file: Path) -> None:
    sealer = Sealer("battery staple", ROUNDS)
    file.write_text(f"encryptionsalt: {sealer.salt}\n{STACK}")
    assert refusal(file).startswith("the passphrase does not open this stack's secrets")
    file.write_text(f"secretsprovider: awskms://alias/x\n{STACK}")
    assert refusal(file) == (
        "Pulumi.dev.yaml: the secrets provider is awskms://alias/x: set it by `pulumi config set "
        "--secret --path 'shop:secrets.till.API_TOKEN' --stack dev`."
    )


def test_plain_text_beside_what_is_sealed_is_refused_with_the_command_that_seals_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(file, "KEY")
    document = yaml.safe_load(file.read_text())
    document["config"]["shop:secrets"]["till"]["API_TOKEN"] = "word"
    file.write_text(yaml.safe_dump(document))
    with pytest.raises(InvalidError) as caught:
        without_cluster(file.parent, "dev")
    assert str(caught.value) == (
        "Pulumi.dev.yaml: shop:secrets.till.API_TOKEN: stands there in plain text; seal it by "
        "`kubia secret set API_TOKEN --service till --stack dev`, which asks for it"
    )
    capsys.readouterr()
    secret.show(secret.of_service(file.parent, "dev", None), as_json=False)
    assert capsys.readouterr().out == "API_TOKEN  (in plain text)\nKEY\n"

    put(file, "API_TOKEN")
    assert opened(file) == {"API_TOKEN": "hunter2", "KEY": "hunter2"}


def test_each_service_has_secrets_of_its_own(file: Path) -> None:
    file.write_text(STACK.replace("{till:", "{help: {image: 'help:1'}, till:"))
    for service in ("till", "help"):
        own = secret.of_service(file.parent, "dev", service)
        secret.put(own, "KEY", lambda: "hunter2", rounds=ROUNDS)
    secret.remove(secret.of_service(file.parent, "dev", "till"), "KEY")

    secrets = yaml.safe_load(file.read_text())["config"]["shop:secrets"]
    assert secrets["till"] == {}
    assert secrets["help"]["KEY"].keys() == {"secure"}


@pytest.mark.parametrize(
    ("services", "name", "problem"),
    [
        ("{a: {}, b: {}}", None, "are a, b; name the one that is meant."),
        ("{ash: {}, oak: {}}", "asj", "none is called 'asj', ash, oak is; did you mean 'ash'?"),
        ("{a: {}}", "zzz", "none is called 'zzz', a is."),
        ("{}", None, "there is no service here."),
        (
            "{}\n  web: {}",
            None,
            "there is no service here. shop:web is shop:services.NAME now: write it so.",
        ),
    ],
)
def test_a_service_must_be_there_and_named_among_several(
    file: Path, services: str, name: str | None, problem: str
) -> None:
    file.write_text(f"config:\n  shop:services: {services}\n")
    with pytest.raises(InvalidError) as caught:
        secret.of_service(file.parent, "dev", name)
    assert str(caught.value) == f"Pulumi.dev.yaml: shop:services: {problem}"


def test_a_secret_of_no_service_is_refused_with_the_place_it_belongs_to(file: Path) -> None:
    file.write_text(STACK.replace("secrets: {}", "secrets: {KEY: {secure: 'v1:x'}}"))
    assert refusal(file) == (
        "Pulumi.dev.yaml: shop:secrets.KEY: belongs to no service; secrets are by service: "
        "move it to shop:secrets.till.KEY"
    )


def test_what_others_write_while_a_value_is_typed_stays(file: Path) -> None:
    def typed() -> str:
        put(file, "OTHER")
        file.write_text(file.read_text().replace("shop:1", "shop:2"))
        return "hunter2"

    secret.put(secret.of_service(file.parent, "dev", None), "KEY", typed, rounds=ROUNDS)

    assert opened(file) == {"OTHER": "hunter2", "KEY": "hunter2"}
    assert "image: 'shop:2'" in file.read_text()


def test_secrets_that_are_set_at_once_are_all_set(file: Path) -> None:
    names = [f"KEY_{number}" for number in range(12)]
    with futures.ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: put(file, name), names))

    assert sorted(opened(file)) == sorted(names)
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "Pulumi.dev.yaml",
        "Pulumi.yaml",
    ]


def test_no_value_is_asked_for_where_it_could_not_be_written(file: Path) -> None:
    file.chmod(0o444)
    assert refusal(file) == f"{file}: is read-only: make it writable (`chmod u+w {file}`)."


@pytest.mark.parametrize("given", ["hunter2", "[hunter2]", "3"])
def test_secrets_that_are_no_map_are_refused_by_every_command_and_not_shown(
    file: Path, given: str
) -> None:
    file.write_text(STACK.replace("secrets: {}", f"secrets: {given}"))
    problem = (
        "Pulumi.dev.yaml: shop:secrets: is no map; secrets are by service: write "
        "`shop:secrets: {}`, and set each by `kubia secret set`."
    )
    assert refusal(file) == problem
    with pytest.raises(InvalidError) as caught:
        secret.show(secret.of_service(file.parent, "dev", None), as_json=False)
    assert str(caught.value) == problem
    with pytest.raises(InvalidError) as caught:
        secret.remove(secret.of_service(file.parent, "dev", None), "API_TOKEN")
    assert str(caught.value) == problem


@pytest.mark.parametrize("given", ["hunter2", "[hunter2]", "{secure: 'v1:x'}"])
def test_a_value_in_place_of_a_services_secrets_is_told_what_to_write(
    file: Path, given: str
) -> None:
    file.write_text(STACK.replace("secrets: {}", f"secrets: {{till: {given}}}"))

    assert refusal(file) == (
        "Pulumi.dev.yaml: shop:secrets.till: is no map of secrets; till's stand there by name: "
        "write shop:secrets.till.NAME"
    )


def test_a_service_with_nothing_in_place_of_its_secrets_gets_the_first(file: Path) -> None:
    file.write_text(STACK.replace("secrets: {}", "secrets: {till: }"))

    put(file, "KEY")

    assert opened(file) == {"KEY": "hunter2"}
