"""Mistakes that users make, and the exact sentence that each is answered with.

The table serves the unit tests, which run it in-process, and the end-to-end tests, which run it
through the `kubia` command and see that the cluster stays as it was. For each `BadInput`:
`prepare` a folder, write the stack file that `stack_file` returns, run `kubia` with `argv`, and
expect `expected` after "error: " and the exit code.
"""

from tests.bad_input import (
    AGENTS,
    FOLDER,
    OPERATORS,
    OWN_SECRETS,
    SERVICES,
    SITES,
    BadInput,
    agent,
    drop,
    hello,
    put,
    together,
    web,
    wrong,
)
from tests.bad_values import (
    CONTRADICTIONS,
    DEFAULTS,
    IMAGE,
    MISSING,
    OUT_OF_RANGE,
    UNKNOWN_KEYS,
    WRONG_TYPES,
)

__all__ = ["EVERY", "FLAGS", "STACK_FILE", "BadInput"]

_MIB = 1024 * 1024
_LABEL = (
    "is not a DNS label; use lower-case letters, digits and '-', "
    "begin with a letter and end with a letter or digit"
)
_NAMESPACE = (
    "is not a namespace's name; use lower-case letters, digits and '-', "
    "and begin and end with a letter or digit"
)
_PATH = (
    "is not the path of a file; name folders and file with one '/' between them, such as "
    "css/site.css, and do not begin with '/' or '..'"
)
_ENV = "is not the name of an environment variable; use ASCII's letters, digits and signs but '='"
_WEB = (
    "is kubia:services.kubia now; write `kubia:services:`, below it `kubia:`, and below that what "
    "stands here"
)
_MOUNT = (
    "stack files are in Git, and kubia:secrets are variables; mount a Secret that exists, by "
    "pod.volumes"
)
_SMALLER = (
    "a file has at most 1048576, as a ConfigMap holds: make it smaller, or serve it from elsewhere"
)

SECRETS = (
    wrong(
        "a secret in the web service's own keys",
        web("secretEnv", {"TOKEN": "hunter2"}),
        "kubia:services.kubia.secretEnv: stack files are in Git; give secrets in kubia:secrets",
    ),
    wrong(
        "secret files in a stack file",
        together(
            web("secretFiles", {"/etc/key": "hunter2"}),
            web(
                "pod",
                {"containers": [{"name": "a", "image": "a", "secretFiles": {"/k": "hunter2"}}]},
            ),
        ),
        f"kubia:services.kubia.secretFiles: {_MOUNT}",
        f"kubia:services.kubia.pod.containers[0].secretFiles: {_MOUNT}",
    ),
    wrong(
        "secrets without names",
        put("hunter2", "kubia:secrets"),
        "kubia:secrets: is [secret]; must be a mapping of keys to values",
    ),
    wrong(
        "a secret that is a number",
        put({"PIN": 1234}, *OWN_SECRETS),
        "kubia:secrets.kubia.PIN: is [secret]; must be a string; put it in quotes",
    ),
    wrong(
        "a secret without the space before it",
        put({"TOKEN:hunter2": None}, *OWN_SECRETS),
        "kubia:secrets: a key has no value; write NAME: VALUE, with a space between",
    ),
    wrong(
        "a secret without the space before it, of no service",
        put({"TOKEN:hunter2": None}, "kubia:secrets"),
        "kubia:secrets: a key has no value; write NAME: VALUE, with a space between",
    ),
    wrong(
        "a secret of no service",
        put({"TOKEN": "hunter2"}, "kubia:secrets"),
        "kubia:secrets.TOKEN: belongs to no service; secrets are by service: "
        "move it to kubia:secrets.kubia.TOKEN",
    ),
    wrong(
        "a secret in the place of a service's",
        put({"kubia": "hunter2"}, "kubia:secrets"),
        "kubia:secrets.kubia: is no map of secrets; kubia's stand there by name: "
        "write kubia:secrets.kubia.NAME",
    ),
    wrong(
        "a secret of no service beside several",
        together(
            put({"image": "shop:v1"}, SERVICES, "shop"), put({"TOKEN": "hunter2"}, "kubia:secrets")
        ),
        "kubia:secrets.TOKEN: belongs to no service; secrets are by service: "
        "move it to kubia:secrets.SERVICE.TOKEN",
    ),
    wrong(
        "secrets of a service that is not there",
        put({"kubai": {"TOKEN": "hunter2"}}, "kubia:secrets"),
        "kubia:secrets.kubai: is the name of no service; did you mean 'kubia'?",
    ),
    wrong(
        "a secret whose name no Secret can keep",
        put({"MY TOKEN": "hunter2"}, *OWN_SECRETS),
        "kubia:secrets.kubia: 'MY TOKEN' is not the name of an environment variable that a Secret "
        "can keep; use letters, digits, '-', '_' and '.'",
    ),
    wrong(
        "a variable that is both secret and not",
        together(put({"TOKEN": "x"}, *OWN_SECRETS), web("env", {"TOKEN": "y"})),
        "kubia:services.kubia.env.TOKEN: is in kubia:secrets.kubia too; keep one of them",
    ),
    wrong(
        "a variable that is both secret and what the pod knows of itself",
        together(
            put({"NODE": "x"}, *OWN_SECRETS),
            web("envValueFrom", {"NODE": {"fieldRef": {"fieldPath": "spec.nodeName"}}}),
        ),
        "kubia:services.kubia.envValueFrom.NODE: is in kubia:secrets.kubia too; keep one of them",
    ),
    wrong(
        "a variable that is both secret and not, and a mistake elsewhere",
        together(
            put({"TOKEN": "x"}, *OWN_SECRETS),
            web("env", {"TOKEN": "y"}),
            hello(-1, "replicas"),
        ),
        "kubia:sites.hello.replicas: is -1; must be at least 0",
        "kubia:services.kubia.env.TOKEN: is in kubia:secrets.kubia too; keep one of them",
    ),
)

NAMES = (
    wrong(
        "an image in words",
        web("image", "Kubia V1"),
        f"kubia:services.kubia.image: is 'Kubia V1'; {IMAGE}",
    ),
    wrong(
        "an image without a tag after the colon",
        web("strategy", {"type": "Canary", "canaryImage": "kubia:"}),
        f"kubia:services.kubia.strategy.canaryImage: is 'kubia:'; {IMAGE}",
    ),
    wrong(
        "an agent's image with a short digest",
        put("a@sha256:123", AGENTS, "ssd-monitor", "image"),
        f"kubia:agents.ssd-monitor.image: is 'a@sha256:123'; {IMAGE}",
    ),
    wrong(
        "a namespace in capitals",
        put("Kubia_Dev", "kubia:namespace"),
        f"kubia:namespace: 'Kubia_Dev' {_NAMESPACE}",
    ),
    wrong(
        "a namespace of 64 characters",
        put("n" * 64, "kubia:namespace"),
        f"kubia:namespace: '{'n' * 64}' has 64 characters; at most 63 are allowed",
    ),
    wrong("a site in capitals", put({}, SITES, "Hello"), f"kubia:sites: 'Hello' {_LABEL}"),
    wrong("a site that ends in '-'", put({}, SITES, "my-"), f"kubia:sites: 'my-' {_LABEL}"),
    wrong("a site with a dot", put({}, SITES, "a.b"), f"kubia:sites: 'a.b' {_LABEL}"),
    wrong("a site with a digit first", put({}, SITES, "1st"), f"kubia:sites: '1st' {_LABEL}"),
    wrong(
        "a site of 64 characters",
        put({}, SITES, "s" * 64),
        f"kubia:sites: '{'s' * 64}' has 64 characters; at most 63 are allowed",
    ),
    wrong(
        "a site with the web service's name",
        put({}, SITES, "kubia"),
        "kubia:sites.kubia: is the name of services.kubia too; rename one",
    ),
    wrong(
        "a site with a canary's name",
        put({}, SITES, "kubia-canary"),
        "kubia:sites.kubia-canary: is the name of services.kubia's canary Deployment too; "
        "rename one",
    ),
    wrong(
        "a service with another's canary's name",
        put({"image": "shop:v1"}, SERVICES, "kubia-canary"),
        "kubia:services.kubia-canary: is the name of services.kubia's canary Deployment too; "
        "rename one",
    ),
    wrong(
        "a site with a second service's name",
        together(put({"image": "shop:v1"}, SERVICES, "shop"), put({}, SITES, "shop")),
        "kubia:sites.shop: is the name of services.shop too; rename one",
    ),
    wrong(
        "a service in capitals",
        put({"image": "shop:v1"}, SERVICES, "Shop"),
        f"kubia:services: 'Shop' {_LABEL}",
    ),
    wrong(
        "an agent with a site's name",
        put({"image": "a", "nodeSelector": {}}, AGENTS, "hello"),
        "kubia:agents.hello: is the name of sites.hello too; rename one",
    ),
    wrong(
        "an operator with a site's name",
        put({}, OPERATORS, "hello"),
        "kubia:operators.hello: is the name of sites.hello too; rename one",
    ),
    wrong(
        "a variable with a digit first",
        web("env", {"A=B": "x"}),
        f"kubia:services.kubia.env: 'A=B' {_ENV}",
    ),
    wrong(
        "a label value with a space",
        agent("nodeSelector", {"disk": "s sd"}),
        "kubia:agents.ssd-monitor.nodeSelector.disk: 's sd' is not a label value; "
        "use letters, digits, '-', '_' and '.', and begin and end with a letter or digit",
    ),
    wrong(
        "a label key with two slashes",
        agent("nodeSelector", {"a/b/c": "x"}),
        "kubia:agents.ssd-monitor.nodeSelector: in 'a/b/c', 'a/b' is not a DNS subdomain; "
        "use lower-case letters, digits, '-' and '.', and begin and end each part with a letter "
        "or digit",
    ),
)

CONTENT = (
    wrong(
        "a file above 1 MiB",
        hello("x" * (_MIB + 1), "content", "index.html"),
        f"kubia:sites.hello.content.index.html: has 1048577 bytes; {_SMALLER}",
    ),
    wrong(
        "a file above 1 MiB in letters of several bytes",
        hello({"a.html": "ä" * (_MIB // 2) + "x", "b.html": "x"}, "content"),
        f"kubia:sites.hello.content.a.html: has 1048577 bytes; {_SMALLER}",
    ),
    wrong(
        "a file from the root",
        hello("x", "content", "/css/a.css"),
        f"kubia:sites.hello.content: '/css/a.css' {_PATH}",
    ),
    wrong(
        "a file named '..'", hello("x", "content", ".."), f"kubia:sites.hello.content: '..' {_PATH}"
    ),
    wrong(
        "a file name of 256 characters",
        hello("x", "content", "k" * 256),
        f"kubia:sites.hello.content: '{'k' * 256}' is too long; a name has at most 255 bytes, a "
        "path 1024: shorten it",
    ),
    wrong(
        "a file that is a folder too",
        hello({"css": "x", "css/a.css": "x"}, "content"),
        "kubia:sites.hello.content.css/a.css: is in a folder, but css is a file; rename one",
    ),
    wrong(
        "a node port of a site that has none",
        hello(30090, "nodePort"),
        "kubia:sites.hello.nodePort: is 30090, but serviceType is ClusterIP; use NodePort",
    ),
    wrong(
        "a node port of a site and a service",
        together(hello("NodePort", "serviceType"), hello(30080, "nodePort")),
        "kubia:sites.hello.nodePort: is 30080, as services.kubia's is; give each its own",
    ),
    wrong(
        "an ingress of a site to a port that it has not",
        hello({"paths": [{"port": "metrics"}]}, "ingress"),
        "kubia:sites.hello.ingress.paths[0].port: is 'metrics'; must be the name of a port: http",
    ),
    wrong(
        "binary content that is not base64",
        hello("%%%", "binaryContent", "logo.png"),
        "kubia:sites.hello.binaryContent.logo.png: is not base64; encode the file's bytes",
    ),
    wrong(
        "a file both text and binary",
        hello("AAEC", "binaryContent", "index.html"),
        "kubia:sites.hello.binaryContent.index.html: is in content too; keep one of them",
    ),
    BadInput(
        id="a folder that does not exist",
        change=hello("no/such/folder", "directory"),
        text="NginxSite 'hello': directory: is 'no/such/folder'; there is no such folder in {root}",
    ),
    BadInput(
        id="a file where a folder is due",
        change=hello(f"{FOLDER}/index.html", "directory"),
        files={"index.html": b"hello"},
        text=(
            f"NginxSite 'hello': directory: is '{FOLDER}/index.html'; "
            "there is no such folder in {root}"
        ),
    ),
    BadInput(
        id="files above 1 MiB in the folder",
        change=hello(FOLDER, "directory"),
        files={"film.mp4": bytes(_MIB + 1), "more": None, "more/film.mp4": b"\xff" * (_MIB + 1)},
        text=(
            f"NginxSite 'hello': content.film.mp4: has 1048577 bytes; {_SMALLER}\n"
            f"NginxSite 'hello': binaryContent.more/film.mp4: has 1048577 bytes; {_SMALLER}"
        ),
    ),
    BadInput(
        id="a folder of files above 16 MiB together",
        change=hello(FOLDER, "directory"),
        files={f"{number:02}.txt": b"x" * _MIB for number in range(16)},
        text=(
            "NginxSite 'hello': content: has 16777227 bytes (00.txt 1048576, 01.txt 1048576, "
            "02.txt 1048576); a site has at most 16777216: make it smaller, or serve large files "
            "from elsewhere"
        ),
    ),
)

FORMER = (
    wrong(
        "the web service as it was written once",
        together(put({"image": "kubia:v1"}, "kubia:web"), drop(SERVICES)),
        f"kubia:web: {_WEB}",
    ),
    wrong(
        "the web service, its secrets and a mistake as they were written once",
        together(
            put({"image": "kubia:v1", "replicas": -1}, "kubia:web"),
            drop(SERVICES),
            put({"TOKEN": "hunter2"}, "kubia:secrets"),
        ),
        f"kubia:web: {_WEB}",
        "kubia:secrets.TOKEN: belongs to no service; secrets are by service: "
        "move it to kubia:secrets.kubia.TOKEN",
        "kubia:services.kubia.replicas: is -1; must be at least 0",
    ),
)

SEVERAL = (
    wrong(
        "mistakes in several places",
        together(
            put("Bad", "kubia:namespace"),
            web("imag", "kubia:v1"),
            web("replicas", -1),
            hello("x", "content", "a//b"),
        ),
        "kubia:services.kubia.imag: is not a known key; did you mean 'image'?",
        f"kubia:sites.hello.content: 'a//b' {_PATH}",
        "kubia:services.kubia.replicas: is -1; must be at least 0",
        f"kubia:namespace: 'Bad' {_NAMESPACE}",
    ),
)

FLAGS = (
    BadInput(
        id="an unknown stack",
        argv=("preview", "--stack", "stagin"),
        text=(
            "stack 'stagin' does not exist: allowed are dev, prod, staging; did you mean 'staging'?"
        ),
    ),
    BadInput(
        id="an unknown stack like no other",
        argv=("preview", "--stack", "qa"),
        text="stack 'qa' does not exist: allowed are dev, prod, staging.",
    ),
    BadInput(
        id="an unknown engine",
        argv=("preview", "--stack", "dev", "--engine", "helm"),
        text=(
            "Invalid value for '--engine': Value error, 'helm' is not one of "
            "'auto', 'pulumi', 'kubectl'."
        ),
    ),
    BadInput(
        id="a context that the stack may not touch",
        argv=("up", "--stack", "prod", "--context", "kind-kind"),
        text=(
            "stack 'prod': the context is 'kind-kind', but this stack may only touch "
            "kubia, kubia-*, prod; name another one by --context or $KUBIA_CONTEXT, "
            "or add it to kubia:contexts in stacks/Pulumi.prod.yaml"
        ),
    ),
    BadInput(
        id="a picture of no known format",
        argv=("graph", "--stack", "dev", "--out", "dev.gif"),
        text="--out dev.gif: must end in .svg, .png, .html or .mmd.",
    ),
    BadInput(
        id="a picture in a folder that does not exist",
        argv=("graph", "--stack", "dev", "--out", "no/such/dev.svg"),
        text="--out no/such/dev.svg: there is no folder no/such; make it first.",
    ),
    BadInput(
        id="a timeline of no known format",
        argv=("up", "--stack", "dev", "--probe-url", "http://127.0.0.1:1", "--timeline", "a.pdf"),
        text="--timeline a.pdf: must end in .svg, .png or .html.",
    ),
    BadInput(
        id="a timeline that is a folder",
        argv=("up", "--stack", "dev", "--probe-url", "http://127.0.0.1:1", "--timeline", "stacks"),
        text="--timeline stacks: must end in .svg, .png or .html.",
    ),
    BadInput(
        id="a timeline of what nobody asks",
        argv=("up", "--stack", "dev", "--timeline", "dev.svg"),
        text="--timeline needs --probe-url, the address to measure at.",
    ),
    BadInput(
        id="an address to ask that is not http",
        argv=("up", "--stack", "dev", "--probe-url", "127.0.0.1:30080"),
        text=("--probe-url 127.0.0.1:30080: must be an http:// address, such as the NodePort's."),
    ),
    BadInput(
        id="an address to ask whose port is no number",
        argv=("up", "--stack", "dev", "--probe-url", "http://127.0.0.1:web"),
        text=(
            "--probe-url http://127.0.0.1:web: must be an http:// address, such as the NodePort's."
        ),
    ),
    BadInput(
        id="a flag that does not exist",
        argv=("preview", "--stak", "dev"),
        text="No such option: --stak (Possible options: --stack)",
    ),
    BadInput(
        id="a command that does not exist",
        argv=("prevew",),
        text="No such command 'prevew'. Did you mean 'preview'?",
    ),
    BadInput(
        id="a flag without its value",
        argv=("preview", "--stack"),
        text="Option '--stack' requires an argument.",
    ),
)

STACK_FILE = (
    *WRONG_TYPES,
    *UNKNOWN_KEYS,
    *MISSING,
    *OUT_OF_RANGE,
    *CONTRADICTIONS,
    *DEFAULTS,
    *SECRETS,
    *NAMES,
    *CONTENT,
    *FORMER,
    *SEVERAL,
)
"""Mistakes in a stack file, or in what it points to; all with the argv of a sound command."""

EVERY = (*STACK_FILE, *FLAGS)
