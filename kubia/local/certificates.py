"""The cluster's own certificate authority, and a certificate for everyone who takes part."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = dt.timedelta(days=3650)
_SKEW = dt.timedelta(hours=1)  # A clock that was set back must not outdate a certificate.


@dataclass(frozen=True)
class Subject:
    """Whom a certificate is for: user and groups to Kubernetes, and the server's own names."""

    file: str
    user: str
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def make(folder: Path, subjects: Sequence[Subject]) -> None:
    """Write ca.crt, a FILE.crt and FILE.key for each subject, and the service accounts' key pair.

    A folder that is complete stays as it is.
    """
    done = folder / "complete"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(key)
    _write(folder / "ca.crt", authority.public_bytes(serialization.Encoding.PEM))
    for subject in subjects:
        _issue(folder, subject, authority, key)
    accounts = ec.generate_private_key(ec.SECP256R1())
    _write(folder / "service-accounts.key", _pem(accounts))
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    _write(
        folder / "service-accounts.pub",
        accounts.public_key().public_bytes(serialization.Encoding.PEM, public),
    )
    done.touch()


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubia")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _draft(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _issue(
    folder: Path,
    subject: Subject,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in subject.groups]
    name = x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, subject.user)])
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    draft = _draft(name, authority.subject, key)
    draft = draft.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    # Python refuses certificates without it from 3.13 on (ssl.VERIFY_X509_STRICT), and of two
    # authorities of one name it tells which is meant.
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    draft = draft.add_extension(issuer, critical=False)
    if subject.hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in subject.hosts])
        draft = draft.add_extension(names, critical=False)
    certificate = draft.sign(authority_key, hashes.SHA256())
    _write(folder / f"{subject.file}.crt", certificate.public_bytes(serialization.Encoding.PEM))
    _write(folder / f"{subject.file}.key", _pem(key))


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _VALID)
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
