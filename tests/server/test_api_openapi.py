from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from api_served import Client, check_problem

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "unsupported_method", "allow_header_conformance"),
)


def fuzz(api: Client, folder: Path, phases: str, examples: int) -> str:
    """Let schemathesis call a server; its output, after it has found nothing wrong."""
    command = [Path(sys.executable).parent / "st", "run", f"{api.root}/openapi.json", "--phases", phases]
    command += ["--max-examples", str(examples), "--seed", "0", "--no-color", "--checks", ",".join(CHECKS)]
    paths = os.pathsep.join(os.path.abspath(place) for place in [str(Path(__file__).parent), *sys.path])
    more = {"LBIE_FUZZED": api.root, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": paths}
    done = subprocess.run(command, check=False, cwd=folder, env=os.environ | more, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def test_requests_made_up_from_the_description_are_answered_as_it_says(api: Client, tmp_path: Path):
    before = api.metric('lbie_requests_total{method="POST",route="/v1/edit",status="200"}')
    fuzz(api, tmp_path, "examples,fuzzing", 4)
    assert api.metric('lbie_requests_total{method="POST",route="/v1/edit",status="200"}') > before + 1


@pytest.mark.slow
def test_many_such_requests_are(api: Client, tmp_path: Path):
    print(fuzz(api, tmp_path, "examples,coverage,fuzzing,stateful", 60))


def test_every_address_says_what_can_go_wrong(api: Client):
    description = api.get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for place in description["paths"].values():
        for operation in place.values():
            for status, answer in operation["responses"].items():
                assert (status[0] in "45") == (answer.get("content") == problem), (operation["operationId"], status)
    edit = description["paths"]["/v1/edit"]["post"]["responses"]
    assert set(edit) == {"200", "400", "403", "404", "408", "413", "415", "422", "429", "503", "504"}
    assert "Retry-After" in edit["429"]["headers"]
    form = description["components"]["schemas"]["EditForm"]["properties"]
    assert form["sentence"]["examples"] == ["The flower is blue in color."]
    schema = description["components"]["schemas"]["Problem"]
    answer = api.get("/v1/images/x")
    check_problem(answer, 404, "not-found")
    jsonschema_rs.validate(schema, answer.json())
