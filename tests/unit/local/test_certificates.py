"""kubia.local.certificates: what the cluster's own programs prove themselves by."""

import ssl
from pathlib import Path

from kubia.local import certificates
from kubia.local.certificates import Subject


def test_a_client_that_is_strict_trusts_a_server_of_the_authority(tmp_path: Path) -> None:
    subject = Subject("server", "kubia:server", ("admins",), ("127.0.0.1", "localhost"))
    certificates.make(tmp_path, [subject])
    strict = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = strict.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    server = serving.wrap_bio(to_server, to_client, server_side=True)

    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue

    certificate = client.getpeercert()
    assert certificate
    assert ("IP Address", "127.0.0.1") in certificate["subjectAltName"]
    assert (("commonName", "kubia:server"),) in certificate["subject"]


def test_a_folder_that_is_complete_stays_as_it_is(tmp_path: Path) -> None:
    certificates.make(tmp_path, [])
    before = (tmp_path / "ca.crt").read_bytes()

    certificates.make(tmp_path, [])

    assert (tmp_path / "ca.crt").read_bytes() == before
    assert (tmp_path / "ca.crt").stat().st_mode & 0o077 == 0
