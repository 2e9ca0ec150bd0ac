"""The description of the API, and requests made up from it: nothing that fits it, or nearly fits it, is a 500, and no
answer is one that the description does not name.
"""

from collections import Counter

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.cast import Actor, visitor
from tests.http.routes import NAMED
from tests.owned import Owned

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "nearly fitting"])
def test_requests_made_from_the_description(app: FastAPI, owner: Actor, owned: Owned, mode: GenerationMode) -> None:
    """By hand, because schemathesis's own pytest plugin does not work with pytest 9."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    headers = dict(owner.browser(app).headers)  # a token would be revoked on the way
    answers: Counter[str] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        takes_something = any((operation.path_parameters, operation.query, operation.headers, operation.body))
        if mode == GenerationMode.NEGATIVE and not takes_something:
            continue  # nothing to get wrong

        @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
        def check(case: schemathesis.Case, is_real: bool) -> None:
            if is_real:  # made-up ids are all unknown
                parameters = case.path_parameters or {}
                parameters.update({name: str((NAMED | owned.ids)[name]) for name in parameters})
            response = case.call(headers=headers)
            answers[f"{response.status_code // 100}xx"] += 1
            case.validate_response(response, checks=CHECKS)

        try:
            check()
        except Unsatisfiable:  # any text fits an address's only part, so none can be wrong
            assert not operation.query
            assert not operation.body
    assert answers["2xx"] > 0
    assert answers["4xx"] > 0
    assert owner.browser(app).get("/api/v1/usage").status_code == 200  # they were signed in all the time


def test_the_description_names_no_route_without_its_problems(app: FastAPI) -> None:
    paths = visitor(app).get("/api/v1/openapi.json").json()["paths"]
    operations = [(method, operation) for path in paths.values() for method, operation in path.items()]
    assert operations
    for method, operation in operations:
        wanted = {"401", "422", "503"} | (set() if method == "get" else {"403", "413"})
        assert wanted <= set(operation["responses"]), operation["operationId"]
