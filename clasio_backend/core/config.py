"""Settings: environment, then `.env`, then defaults. Each name also works as `NAME_FILE`, holding a path to read.

Field names are the environment's names in lower case. `./clasio up` fills in what the embedded servers provide.
"""

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, PlainSerializer, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[2]
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

SCANNER_UNDECIDED = (
    "files of strangers come in, so say whether they are scanned for viruses: set SCANNER=clamd and CLAMD_URL "
    "(such as unix:///run/clamav/clamd.ctl), or SCANNER=off, and every document says that it was not scanned"
)

PlanName = Literal["free", "pro", "business"]
_Secret = Annotated[SecretStr, PlainSerializer(lambda _secret: "**********", when_used="always")]


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine."""
    return (urlsplit(url).hostname or "") in LOOPBACK_HOSTS


def _listed(keys: SecretStr) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.get_secret_value().split(","))


_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")


def _domains(listed: str) -> set[str]:
    return {name.strip().lower() for name in listed.split(",") if name.strip()}


class Settings(BaseSettings):
    """Everything an operator can set. `README.md` lists each field; a test keeps the two alike."""

    model_config = SettingsConfigDict(env_file=PROJECT / ".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    secret_key: _Secret = Field(
        description="Encrypts what is secret; at least 32 characters. `up` makes one. To change it: new,old; then "
        "`./clasio rotate-keys`."
    )
    base_url: str = Field("http://127.0.0.1:8000", description="The address people open, without a trailing slash.")
    database_url: _Secret = Field(description="Postgres (15 or newer) as the application's role.")
    database_owner_url: _Secret | None = Field(
        None, description="Postgres as the owner's role: migrations and backups only."
    )
    redis_url: _Secret = Field(description="Redis (6.2 or newer) or Valkey; database 0 is the UI's, 1 the jobs'.")
    storage_url: str = Field("", description="Where blobs live: `file:///folder` or `s3://bucket/prefix`.")
    aws_endpoint_url: str | None = Field(None, description="Another server that speaks S3, `https://host`.")
    aws_region: str | None = Field(None, description="Region of the bucket; `us-east-1` without it.")
    aws_access_key_id: str | None = Field(None, description="Key for S3; without it the machine's own role.")
    aws_secret_access_key: _Secret | None = Field(None, description="Secret of that key.")
    smtp_url: _Secret | None = Field(None, description="Mail server, `smtp://user:password@host:587`.")
    mail_from: str = Field("Clasio <clasio@localhost>", description="Sender of Clasio's mail.")
    clamd_url: str | None = Field(None, description="ClamAV daemon, `tcp://host:3310` or `unix:///path`.")
    scanner: Literal["off", "clamd"] | None = Field(
        None,
        description="`clamd`, or `off`: documents are marked as not scanned. Must be decided unless only this machine "
        "is served; there `up` takes a clamd that it finds, else `off`.",
    )
    sentry_dsn: _Secret | None = Field(None, description="Sentry project to report faults to.")
    default_plan: PlanName | None = Field(
        None, description="Plan of new organizations; `business` without Stripe, else `free`."
    )
    max_file_mb: int = Field(50, ge=1, le=2000, description="Largest file accepted, in MB.")
    trusted_proxy_hops: int = Field(0, ge=0, le=10, description="How many proxies in front may set `X-Forwarded-*`.")
    analyzer: Literal["auto", "local", "gemini", "genai"] = Field(
        "auto",
        description="Who analyses documents: `local`, `gemini` or `genai` (Gemini by its newer library, an extra); "
        "`auto` is Gemini when it has a key, else local.",
    )
    gemini_api_key: _Secret | None = Field(None, description="Key for Gemini.")
    gemini_api_base: str | None = Field(None, description="Another server that speaks Gemini's protocol.")
    gemini_model_fast: str = Field("gemini-2.5-flash", description="Model of fast analyses.")
    gemini_model_thorough: str = Field("gemini-2.5-pro", description="Model of thorough analyses.")
    google_client_id: str | None = Field(None, description="OAuth client of Google, for sign-in with Google.")
    google_client_secret: _Secret | None = Field(None, description="Secret of that client.")
    google_api_base: str | None = Field(None, description="Another server that speaks Drive's protocol.")
    google_oauth_base: str | None = Field(None, description="Another server that speaks Google's OAuth.")
    oidc_issuer: str | None = Field(
        None,
        description="Address of an OpenID Connect provider that people may sign in with, as the provider writes it.",
    )
    oidc_client_id: str | None = Field(None, description="OAuth client at that provider.")
    oidc_client_secret: _Secret | None = Field(None, description="Secret of that client.")
    oidc_name: str = Field(
        "single sign-on", max_length=40, description="What people call that provider: “Continue with …” on the button."
    )
    sign_up_domains: str = Field(
        "",
        description="E-mail domains, with commas between them, whose people may sign up through a provider and get an "
        "organization of their own; `*` is everybody. Without it people come by invite.",
    )
    stripe_secret_key: _Secret | None = Field(None, description="Stripe key; without it billing is off.")
    stripe_webhook_secret: _Secret | None = Field(None, description="Signing secret of `/hooks/stripe`.")
    stripe_api_base: str | None = Field(None, description="Another server that speaks Stripe's protocol.")
    stripe_price_pro: str | None = Field(None, description="Stripe price of the pro plan.")
    stripe_price_business: str | None = Field(None, description="Stripe price of the business plan.")

    @field_validator("base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("BASE_URL starts with http:// or https://")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        for key in _listed(value):
            if len(key) < 32 or len(set(key)) < 10:
                raise ValueError(
                    "SECRET_KEY needs at least 32 characters that nobody can guess; make one with: "
                    "openssl rand -base64 48"
                )
        return value

    @field_validator("storage_url")
    @classmethod
    def _folder_or_bucket(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.path.strip("/") if parts.scheme == "file" else parts.scheme == "s3" and parts.netloc):
            raise ValueError("STORAGE_URL is file:///folder or s3://bucket/prefix")
        return value

    @field_validator("aws_endpoint_url", "gemini_api_base", "google_api_base", "google_oauth_base", "stripe_api_base")
    @classmethod
    def _https_unless_loopback(cls, value: str | None) -> str | None:
        if value and urlsplit(value).scheme != "https" and not is_loopback(value):
            raise ValueError("plain http is allowed only for this machine (loopback)")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _names_an_issuer(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(value or ""))
        if value and not (is_safe and parts.hostname and not parts.query and not parts.fragment and "@" not in value):
            raise ValueError("OIDC_ISSUER is https://host/path; plain http only for this machine (loopback)")
        return value or None

    @field_validator("sign_up_domains")
    @classmethod
    def _names_domains(cls, value: str) -> str:
        if wrong := [name for name in _domains(value) if name != "*" and not _DOMAIN.fullmatch(name)]:
            raise ValueError(f"SIGN_UP_DOMAINS holds domains such as example.com, and {wrong[0]} is none")
        return value

    @field_validator("clamd_url")
    @classmethod
    def _names_a_socket(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        is_one = (
            parts.path.startswith("/") if parts.scheme == "unix" else bool(parts.scheme == "tcp" and parts.hostname)
        )
        if value and not is_one:
            raise ValueError("CLAMD_URL is unix:///path/of/the/socket or tcp://host:3310")
        return value or None

    @model_validator(mode="after")
    def _scanner_is_decided(self) -> "Settings":
        if self.scanner == "clamd" and not self.clamd_url:
            raise ValueError("SCANNER=clamd needs CLAMD_URL, such as unix:///run/clamav/clamd.ctl")
        if self.scanner is None and not self.clamd_url and not is_loopback(self.base_url):
            raise ValueError(SCANNER_UNDECIDED)
        return self

    @model_validator(mode="after")
    def _whole_key_for_s3(self) -> "Settings":
        if (self.aws_access_key_id is None) != (self.aws_secret_access_key is None):
            raise ValueError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set together, or neither of them")
        return self

    @model_validator(mode="after")
    def _whole_clients(self) -> "Settings":
        if bool(self.google_client_id) != bool(self.google_client_secret):
            raise ValueError("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are set together, or neither of them")
        if len({bool(part) for part in (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)}) > 1:
            raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set together, or none of them")
        return self

    @model_validator(mode="after")
    def _key_for_gemini(self) -> "Settings":
        if self.analyzer in {"gemini", "genai"} and self.gemini_api_key is None:
            raise ValueError(f"ANALYZER={self.analyzer} needs GEMINI_API_KEY")
        return self

    @property
    def scans(self) -> bool:
        """Whether a virus scanner decides about each file."""
        return self.scanner == "clamd" or (self.scanner is None and self.clamd_url is not None)

    @property
    def max_file_bytes(self) -> int:
        """Largest accepted file in bytes (1 MB = 1,000,000 bytes)."""
        return self.max_file_mb * 1_000_000

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The first encrypts; the others still open what was encrypted before `rotate-keys`."""
        return _listed(self.secret_key)

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `Secure`: everywhere but on plain http on this machine."""
        return not (self.base_url.startswith("http://") and is_loopback(self.base_url))

    @property
    def asks_model(self) -> bool:
        """Whether documents are analysed by a model outside, not by the built-in analyzer."""
        return self.analyzer != "local" and self.gemini_api_key is not None

    def may_sign_up(self, email: str) -> bool:
        """Whether somebody with this address may make an account, and an organization, without an invite."""
        return bool({"*", email.rpartition("@")[2].lower()} & _domains(self.sign_up_domains))

    @property
    def plan_of_new_organizations(self) -> PlanName:
        return self.default_plan or ("free" if self.stripe_secret_key else "business")


def _values_from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """`NAME_FILE=/run/secrets/name` gives NAME the file's content (the convention of container secrets)."""
    values: dict[str, str] = {}
    for field in Settings.model_fields:
        path = environment.get(f"{field.upper()}_FILE")
        if path and not environment.get(field.upper()):
            values[field] = Path(path).read_text(encoding="utf-8").strip()
    return values


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings(**_values_from_files(os.environ))  # type: ignore[arg-type]  # strings, parsed by pydantic
