"""What start-up refuses, in words that say what to set."""

import pytest
from pydantic import ValidationError

from clasio_backend.core.config import Settings

GOOD = {
    "database_url": "postgresql://clasio_app:x@127.0.0.1/clasio",
    "redis_url": "redis://127.0.0.1",
    "secret_key": "kx7Qn2vB9rT4mZ8pL1sW6yD3fG5hJ0cA",
}


@pytest.mark.parametrize(
    "secret_key",
    ["", "short", "a" * 64, "changeme" * 8, f"{GOOD['secret_key']},", f"{GOOD['secret_key']},secret"],
)
def test_weak_secrets_are_refused_in_words(secret_key: str) -> None:
    with pytest.raises(ValidationError, match="openssl rand") as refused:
        Settings(**GOOD | {"secret_key": secret_key})  # type: ignore[arg-type]
    assert not secret_key or secret_key not in refused.value.errors(include_input=False).__repr__()


def test_a_list_of_good_ones_is_taken_first_first() -> None:
    keys = (GOOD["secret_key"], GOOD["secret_key"][::-1])
    assert Settings(**GOOD | {"secret_key": ", ".join(keys)}).secret_keys == keys  # type: ignore[arg-type]


def test_plain_http_to_a_vendor_is_for_this_machine_only() -> None:
    Settings(**GOOD | {"gemini_api_base": "http://127.0.0.1:9000"})  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="loopback"):
        Settings(**GOOD | {"gemini_api_base": "http://gemini.example.com"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"google_client_id": "x"}, "GOOGLE_CLIENT_SECRET"),
        ({"oidc_issuer": "https://login.example"}, "set together"),
        ({"oidc_client_id": "x", "oidc_client_secret": "x"}, "set together"),
        ({"oidc_issuer": "https://login.example", "oidc_client_id": "x"}, "set together"),
        ({"oidc_issuer": "http://login.example"}, "https://"),
        ({"oidc_issuer": "login.example"}, "https://"),
        ({"oidc_issuer": "https://me@login.example"}, "https://"),
        ({"oidc_issuer": "https://login.example/?a=b"}, "https://"),
        ({"sign_up_domains": "example.com, nonsense"}, "nonsense"),
        ({"sign_up_domains": "a@example.com"}, "SIGN_UP_DOMAINS"),
    ],
    ids=str,
)
def test_half_a_provider_is_refused_in_words(settings: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings(**GOOD | settings)  # type: ignore[arg-type]


def test_a_whole_provider_is_taken() -> None:
    client = {"oidc_client_id": "x", "oidc_client_secret": "y"}
    for issuer in ("https://login.example/realms/one/", "http://127.0.0.1:9000"):
        assert Settings(**GOOD | client | {"oidc_issuer": issuer}).oidc_issuer == issuer  # type: ignore[arg-type]
    listed = Settings(**GOOD | {"sign_up_domains": " Example.com ,example.org"})  # type: ignore[arg-type]
    may = {email for email in ("a@example.com", "a@EXAMPLE.org", "a@sub.example.com") if listed.may_sign_up(email)}
    assert may == {"a@example.com", "a@EXAMPLE.org"}
    assert not Settings(**GOOD).may_sign_up("a@example.com")  # type: ignore[arg-type]
    assert Settings(**GOOD | {"sign_up_domains": "*"}).may_sign_up("a@b.example")  # type: ignore[arg-type]
