import psycopg
import pytest

from clasio_backend.core.db import UnsafeDatabaseRole, make_engine, refuse_unsafe_role
from tests.servers import Servers


def test_the_application_role_is_accepted(servers: Servers) -> None:
    engine = make_engine(servers.app_url)
    refuse_unsafe_role(engine)
    engine.dispose()


@pytest.mark.parametrize("url", ["owner_url", "superuser_url"])
def test_owner_and_superuser_are_refused(servers: Servers, url: str) -> None:
    engine = make_engine(getattr(servers, url))
    with pytest.raises(UnsafeDatabaseRole, match="DATABASE_URL"):
        refuse_unsafe_role(engine)
    engine.dispose()


@pytest.mark.parametrize("options", ["BYPASSRLS", "IN ROLE clasio_owner"])
def test_roles_that_pass_by_the_policies_are_refused(servers: Servers, options: str) -> None:
    with psycopg.connect(servers.superuser_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE sly LOGIN PASSWORD 'sly' {options}".encode())
        connection.execute("GRANT CONNECT ON DATABASE clasio TO sly")
        try:
            engine = make_engine(servers.app_url.replace("clasio_app", "sly").replace(_password(servers), "sly"))
            with pytest.raises(UnsafeDatabaseRole, match="sly"):
                refuse_unsafe_role(engine)
            engine.dispose()
        finally:
            connection.execute("REVOKE CONNECT ON DATABASE clasio FROM sly")
            connection.execute("DROP ROLE sly")


def _password(servers: Servers) -> str:
    return servers.app_url.split("@")[0].rsplit(":", 1)[1]
