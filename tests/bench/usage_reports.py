"""The usage page's questions in an organization of 100,000 documents of the last 28 days, with an analysis of each.

    python -m tests.bench.usage_reports

Starts a Postgres of its own; the figures are those of the services, as the application's role.
"""

import os

from tests.servers import Servers

DOCUMENTS, PEOPLE = 100_000, 40

FILL = """
    INSERT INTO documents (organization_id, id, name, mime_type, size_bytes, sha256, source, stage, outcome, scan, ocr,
                           uploaded_by, created_at)
    SELECT %(organization)s, uuidv7(), 'Document ' || n || '.pdf', 'application/pdf', 1000 + n, %(sha)s, 'api',
           'analysed', 'done', 'not_scanned', 'none', (%(people)s::uuid[])[1 + n %% %(count)s],
           now() - make_interval(secs => n * 28 * 86400.0 / %(documents)s)
    FROM generate_series(1, %(documents)s) n
"""
ANALYSES = """
    INSERT INTO analyses (organization_id, id, document_id, mode, source, model, content_sha256, requested_by,
                          created_at)
    SELECT organization_id, uuidv7(), id, 'fast', 'gemini', 'bench', sha256, uploaded_by, created_at
    FROM documents WHERE organization_id = %(organization)s
"""


def main() -> None:
    servers = Servers()
    os.environ.update(servers.environment)
    servers.start()
    try:
        _measure(servers)
    finally:
        servers.stop()
        servers.remove()


def _measure(servers: Servers) -> None:
    from clasio_backend.core.db import dispose_engine  # noqa: PLC0415  # after the settings are there
    from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work  # noqa: PLC0415
    from clasio_backend.usage import reports, service  # noqa: PLC0415
    from clasio_backend.usage.schemas import DaysQuery  # noqa: PLC0415
    from tests import cast, factories  # noqa: PLC0415
    from tests.bench.database import measure  # noqa: PLC0415

    owner = cast.owner("Olivia Owner", plan="business")
    people = [factories.new_person(f"Person {number}").id for number in range(PEOPLE)]
    for person in people:
        factories.join(owner.organization_id, person)
    values = {"organization": owner.organization_id, "sha": "0" * 64, "people": people, "count": PEOPLE}
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO blobs (organization_id, sha256, size_bytes, format, key_id)"
            " VALUES (%(organization)s, %(sha)s, 1, 'none', %(organization)s)",
            values,
        )
        for statement in (FILL, ANALYSES):
            connection.execute(statement, values | {"documents": DOCUMENTS})
        for table in ("documents", "analyses"):
            connection.execute(f"VACUUM ANALYZE {table}".encode())
    print(f"cores: {os.cpu_count()}; {DOCUMENTS:,} documents and analyses of {PEOPLE} people in 28 days")

    def ask(question: object) -> None:
        with unit_of_work(owner.scope) as uow:
            questions[question](uow)

    def days(uow: UnitOfWork) -> object:
        return reports.list_days(uow, DaysQuery())

    questions = {
        "meters": service.read_usage,
        "uploads and analyses per day, 28 days": days,
        "who used what": reports.list_people_usage,
        "months": reports.list_months,
        "forecasts": reports.list_forecasts,
    }
    for name in questions:
        measure(name, lambda name=name: ask(name), runs=20)
    dispose_engine()


if __name__ == "__main__":
    main()
