"""The description of the API, and requests made up from it: nothing that fits it, or nearly fits it, is a 500."""

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.cast import Actor, visitor

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


def test_requests_made_from_the_description(app: FastAPI, owner: Actor) -> None:
    """By hand, because schemathesis's own pytest plugin does not work with pytest 9."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    headers = {"authorization": f"Bearer {owner.api_token}"}
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=8, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        check()


def test_the_description_names_no_route_without_its_problems(app: FastAPI) -> None:
    paths = visitor(app).get("/api/v1/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert operations
    for operation in operations:
        assert {"401", "422"} <= set(operation["responses"]), operation["operationId"]
