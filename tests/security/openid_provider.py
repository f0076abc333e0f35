"""A small OpenID provider on loopback, as a company runs one: code flow with PKCE, signed tokens. For tests only."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET, KEY_ID = "zhike", "a-secret-between-two-servers", "key-1"


@dataclass
class Provider:
    """The provider's memory: whom it says has signed in, and what it has handed out."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    refuse: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def app(self, **options: Any) -> dict[str, Any]:
        """Return the setting by which an installation knows this provider."""
        return {
            "provider_id": "company",
            "name": "临州通信",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": self.address, **options},
        }

    def grant(self, asked: dict[str, str]) -> str:
        """Return where the browser goes after signing in at the company."""
        if self.refuse:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, told: dict[str, str]) -> dict[str, Any] | None:
        """Exchange a code for tokens, once, for the client that asked for it."""
        asked = self.codes.pop(told.get("code", ""), None)
        if asked is None or told.get("client_secret") != SECRET or told["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(told["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, **self.claims}
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def answer(self, body: dict[str, Any] | None, status: int = 200) -> None:
            content = json.dumps(body if body is not None else {"error": "invalid_grant"}).encode()
            self.send_response(status if body is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            path = urlsplit(self.path)
            match path.path:
                case "/.well-known/openid-configuration":
                    self.answer(
                        {
                            "issuer": provider.address,
                            "authorization_endpoint": f"{provider.address}/authorize",
                            "token_endpoint": f"{provider.address}/token",
                            "userinfo_endpoint": f"{provider.address}/userinfo",
                            "jwks_uri": f"{provider.address}/keys",
                            "token_endpoint_auth_methods_supported": ["client_secret_post"],
                        }
                    )
                case "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(path.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.grant(asked))
                    self.end_headers()
                case "/userinfo":
                    self.answer({"sub": provider.claims.get("sub"), **provider.userinfo})
                case "/keys":
                    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(provider.key.public_key()))
                    self.answer({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]})
                case _:
                    self.answer({"error": "not found"}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

    return Handler


@contextmanager
def openid_provider() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    provider = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider)) as server:
        provider.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
