"""A provider as people run one: django-oauth-toolkit, with people whom a test may add, in a process of its own.

Nothing of OpenID Connect is ours here but the claims about each person. `python oidc_provider.py PORT FOLDER` serves
until it is ended; `POST /people` adds somebody, or changes what is said of them.
"""

import json
import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

CLIENT_ID, CLIENT_SECRET = "clasio-tests", "a secret: that only tests know +&%"
BACK = "http://127.0.0.1/auth/provider/{}/callback"  # whatever the port: RFC 8252 §7.3
LOGIN = """<!doctype html><html lang="en"><title>Sign in at Example</title><h1>Example</h1>
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Sign in at Example</button></form></html>"""
SAID: dict[str, dict[str, Any]] = {}
"""By user name: the claims about this person."""


def configure(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings.configure(
        SECRET_KEY="only for tests",
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF="oidc_urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ]
                },
            }
        ],
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "oauth2_provider")),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_COOKIE_NAME="example_session",
        CSRF_COOKIE_NAME="example_csrf",
        LOGIN_URL="/accounts/login/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who you are", "email": "your address", "profile": "your name"},
            "OAUTH2_VALIDATOR_CLASS": "oidc_urls.Validator",
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
        },
    )
    django.setup()


def set_up() -> None:
    from django.core.management import call_command  # noqa: PLC0415  # Django wants its settings first
    from oauth2_provider.models import get_application_model  # noqa: PLC0415  # as above

    call_command("migrate", run_syncdb=True, verbosity=0)
    get_application_model().objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        algorithm="RS256",
        redirect_uris=" ".join(BACK.format(slug) for slug in ("oidc", "google")),
        skip_authorization=True,
    )


class Urls:
    """The module that Django looks for its addresses in."""

    def __init__(self) -> None:
        from django.contrib.auth import get_user_model  # noqa: PLC0415  # Django wants its settings first
        from django.contrib.auth.views import LoginView  # noqa: PLC0415  # as above
        from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: PLC0415  # as above
        from django.urls import include, path  # noqa: PLC0415  # as above
        from django.views.decorators.csrf import csrf_exempt  # noqa: PLC0415  # as above
        from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: PLC0415  # as above

        class Validator(OAuth2Validator):
            def get_additional_claims(self, request: Any) -> dict[str, Any]:
                return SAID[request.user.username]

        @csrf_exempt
        def people(request: HttpRequest) -> HttpResponse:
            told = json.loads(request.body)
            name, password = told.pop("username"), told.pop("password")
            if name not in SAID:
                get_user_model().objects.create_user(name, password=password)
            SAID[name] = told
            return JsonResponse({})

        self.Validator = Validator
        self.urlpatterns = [
            path("people", people),
            path("accounts/login/", LoginView.as_view()),
            path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        ]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


def _end_with_whoever_started_it() -> None:
    """Also when that was killed: then the pipe closes by itself."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    Thread(target=_end_with_whoever_started_it, daemon=True).start()
    configure(Path(sys.argv[2]))
    set_up()
    sys.modules["oidc_urls"] = Urls()  # type: ignore[assignment]  # it has what a module of addresses has
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415  # Django wants its settings first

    with make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), _Server, _Quiet) as server:
        print("ready", flush=True)  # noqa: T201  # whoever started it waits for this
        server.serve_forever()


if __name__ == "__main__":
    main()
