"""An issuer of tokens on this machine: it publishes its keys over TLS and signs what the vectors say."""

import base64
import datetime
import hashlib
import hmac
import json
import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

KEYS = {"rsa": rsa.generate_private_key(65_537, 2048), "ec": ec.generate_private_key(ec.SECP256R1()),
        "stranger": rsa.generate_private_key(65_537, 2048)}


class Issuer:
    """`url` is its address; `working` says whether it publishes anything."""

    def __init__(self, url, certificate):
        self.url, self.certificate, self.working, self.asked = url, certificate, True, 0

    def published(self, path):
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}keys"}
        algorithms = {"rsa": jwt.algorithms.RSAAlgorithm, "ec": jwt.algorithms.ECAlgorithm}
        made = [{**json.loads(it.to_jwk(KEYS[name].public_key())), "kid": name, "use": "sig"} for name, it in algorithms.items()]
        return {"keys": made}

    def token(self, claims, key="rsa", kid="rsa", algorithm="RS256"):
        """Returns a token; times among the claims count from now, null leaves a claim out."""
        now = int(time.time())
        whole = {"iss": self.url, "aud": "shop", "exp": 600, **claims}
        whole = {name: now + it if name in ("exp", "nbf") and it is not None else it for name, it in whole.items()}
        whole = {name: it for name, it in whole.items() if it is not None}
        if algorithm == "HS256":
            return self.by_shared_secret(whole, kid)
        return jwt.encode(whole, KEYS.get(key), algorithm=algorithm, headers={"kid": kid})

    @staticmethod
    def by_shared_secret(claims, kid):
        """Returns a token that is signed with a public key as if it were a secret that both share."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public = KEYS[kid].public_key().public_bytes(serialization.Encoding.PEM, form)
        parts = [{"alg": "HS256", "typ": "JWT", "kid": kid}, claims]
        signed = b".".join(base64.urlsafe_b64encode(json.dumps(it).encode()).rstrip(b"=") for it in parts)
        signature = base64.urlsafe_b64encode(hmac.digest(public, signed, hashlib.sha256)).rstrip(b"=")
        return (signed + b"." + signature).decode()


@contextmanager
def issuer(folder):
    """Runs an issuer whose certificate and key lie in `folder`."""
    certificate = folder / "issuer.pem"
    self_signed(certificate)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            made.asked += 1
            body = json.dumps(made.published(self.path)).encode()
            self.send_response(200 if made.working else 503)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body if made.working else b"{}")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Issuer(f"https://localhost:{server.server_port}/", certificate)
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def self_signed(path):
    """Writes a certificate of `localhost` and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
