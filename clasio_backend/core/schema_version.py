"""Whether the database's schema is older than this program, asked without loading alembic (11 MB in every process)."""

import re
from functools import lru_cache

from sqlalchemy import Engine, text

from clasio_backend.core.config import PROJECT

_REVISION = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def is_behind(engine: Engine) -> bool:
    """Whether a migration is missing; False for a schema that is newer than the program, which can work with it."""
    with engine.connect() as connection:
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return current in _older_revisions()


@lru_cache(maxsize=1)
def _older_revisions() -> frozenset[str]:
    """All that another migration builds on."""
    sources = (path.read_text() for path in (PROJECT / "alembic" / "versions").glob("*.py"))
    return frozenset(number for source in sources for name, number in _REVISION.findall(source) if name != "revision")
