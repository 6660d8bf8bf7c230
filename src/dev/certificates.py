"""Makes the certificates with which homeservers on this machine federate: certificates.py AUTHORITY_DIR DIR

AUTHORITY_DIR gets authority.key and authority.crt unless they are there, DIR gets tls.key and tls.crt for localhost.
Uses the library that Synapse itself needs, so that nothing else has to be installed.
"""
import datetime
import fcntl
import ipaddress
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

authority_dir, target_dir = sys.argv[1], sys.argv[2]
# Embedded hospitals are looked at for years, their certificates never renewed by anybody.
LIFETIME = datetime.timedelta(days=3650)


def write(path, data):
    descriptor = os.open(path + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".tmp", path)


def save(folder, name, key, certificate):
    os.makedirs(folder, mode=0o700, exist_ok=True)
    write(
        os.path.join(folder, name + ".key"),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    # The certificate last: where it is, the key is.
    write(os.path.join(folder, name + ".crt"), certificate.public_bytes(serialization.Encoding.PEM))


def builder(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    named = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + LIFETIME)
    )


AUTHORITY = "embedded hospitals"


def authority():
    path = os.path.join(authority_dir, "authority")
    if not os.path.exists(path + ".crt"):
        key = ec.generate_private_key(ec.SECP256R1())
        made = builder(AUTHORITY, AUTHORITY, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        save(authority_dir, "authority", key, made.sign(key, hashes.SHA256()))
    with open(path + ".key", "rb") as file:
        return serialization.load_pem_private_key(file.read(), password=None)


# The homeservers of a directory start together: one makes the authority, the others find it.
os.makedirs(authority_dir, mode=0o700, exist_ok=True)
lock = os.fdopen(os.open(os.path.join(authority_dir, "lock"), os.O_WRONLY | os.O_CREAT, 0o600), "w")
fcntl.flock(lock, fcntl.LOCK_EX)
signer = authority()
lock.close()
if not os.path.exists(os.path.join(target_dir, "tls.crt")):
    own = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = builder("localhost", AUTHORITY, own).add_extension(x509.SubjectAlternativeName(names), False)
    save(target_dir, "tls", own, made.sign(signer, hashes.SHA256()))
