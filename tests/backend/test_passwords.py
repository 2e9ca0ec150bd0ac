import pytest

from clasio_backend.security.passwords import WeakPassword, check_strength, hash_password, needs_rehash, verify_password
from tests.factories import PASSWORD, password_hash


def test_the_hash_is_argon2id_with_owasps_parameters() -> None:
    assert password_hash().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password(PASSWORD) != password_hash()


def test_only_the_right_password_fits() -> None:
    assert verify_password(password_hash(), PASSWORD)
    assert not verify_password(password_hash(), PASSWORD + " ")
    assert not verify_password(password_hash(), "")
    assert not verify_password(None, "a password that nobody has")
    assert not verify_password("not a hash", PASSWORD)


def test_an_older_hash_is_made_anew_at_sign_in() -> None:
    assert needs_rehash("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4daw")
    assert not needs_rehash(password_hash())


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "fourteen chars",
        "passwordpassword",
        "aaaaaaaaaaaaaaaaaaaa",
        "123456789012345678",
        "qwertyuiopasdfghjkl",
        "clasioclasioclasio",
        "x" * 257,
    ],
)
def test_short_common_and_endless_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_strength(password)
    assert refused.value.fields["password"] == refused.value.message


@pytest.mark.parametrize("password", ["ada.example@example.org", "Example Ltd Example Ltd"])
def test_a_password_made_of_ones_own_name_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(password, personal=("Ada Example", "ada.example@example.org", "Example Ltd"))


@pytest.mark.parametrize("password", [PASSWORD, "größere Äpfel reifen spät", "長いパスワードは覚えやすいですよね"])
def test_a_few_words_are_accepted_in_any_script(password: str) -> None:
    check_strength(password, personal=("Ada Example", "ada@example.org"))
