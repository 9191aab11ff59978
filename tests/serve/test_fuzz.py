"""Requests made from the OpenAPI description: whatever they hold, the answer is one that the description names."""

import json
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.serve.serving import Client

#: Requests of each operation.
_EXAMPLES = 15
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def description(client: Client) -> Any:
    """What the server says of itself; most generated requests name an index and a passage that are there."""
    described = client.get("/openapi.json").json()
    models = described["components"]["schemas"]
    for model in (models[name] for name in models if name.endswith(("Request", "System"))):
        for name, known in (("index", ["base", "xqg", "nope"]), ("docid", ["moons-4", "nope"])):
            if name in model.get("properties", {}):
                model["properties"][name] = {"enum": known}
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=client.address)
    return schema


def test_no_request_makes_the_server_fail(description: Any) -> None:
    asked: Counter[int] = Counter()
    for operation in description.get_all_operations():

        @given(case=operation.ok().as_strategy())
        @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @seed(1)
        def ask(case: schemathesis.Case) -> None:
            response = case.call()
            case.validate_response(response, checks=CHECKS)
            asked[response.status_code] += 1

        ask()
    # requests of every kind arrived
    assert {200, 404, 422} <= set(asked)


def test_the_description_is_valid(client: Client) -> None:
    """Each operation has a description, and the errors that it may answer with."""
    described = client.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
    assert "422" in described["paths"]["/api/search"]["post"]["responses"]
    assert "HTTPValidationError" not in json.dumps(described["paths"]["/api/search"])
