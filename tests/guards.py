"""Two guards keep organizations apart: the repositories' filter and the database's policies. Each must be enough alone,
so tests switch the other one off: the filter in this process only, the policies in this process's own database only.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import true

from clasio_backend.core.repository import Repository
from tests.servers import Servers

FILTERS = ("_here", "_own", "_of_share")
PROTECTED = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relrowsecurity
"""


@contextmanager
def without_filter(_servers: Servers) -> Iterator[None]:
    """Repositories read and change whatever the database lets them."""
    with pytest.MonkeyPatch.context() as patched:
        for name in FILTERS:
            patched.setattr(Repository, name, lambda _repository, _column: true())
        yield


@contextmanager
def without_policies(servers: Servers) -> Iterator[None]:
    """The database lets repositories read and change everything."""
    with servers.as_owner() as connection:
        connection.execute("SET lock_timeout = '10s'")
        tables = [row[0] for row in connection.execute(PROTECTED)]
        assert tables
        try:
            for table in tables:
                connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
            yield
        finally:
            for table in tables:
                connection.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())


ONE_GUARD: dict[str, Callable[[Servers], AbstractContextManager[None]]] = {
    "policies alone": without_filter,
    "filter alone": without_policies,
}
