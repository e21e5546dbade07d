"""The document of our HTTP interface, and whether what we send is as it says."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import yaml

from dev.environment import paths

DOCUMENT = paths.ROOT / "docs" / "openapi.yaml"
MEDIA_TYPE = "application/cloudevents+json"


@cache
def document() -> dict[str, Any]:
    """The document as it is written."""
    return yaml.safe_load(DOCUMENT.read_text())


def validator(schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    """For a schema of the document, its references included."""
    whole = {"components": document()["components"], **schema}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def outgoing_problems(headers: Mapping[str, str], body: bytes) -> list[str]:
    """What of a message that we sent is not as the document says; the headers' names matter
    in any case.
    """
    operation = document()["webhooks"]["shipmentEvent"]["post"]
    told = {name.lower(): value for name, value in headers.items()}
    problems = []
    for parameter in operation["parameters"]:
        name = parameter["name"]
        if name not in told:
            problems.append(f"{name} is missing")
            continue
        problems += _problems(name, parameter["schema"], told[name])
    media_type = told.get("content-type", "").partition(";")[0]
    if media_type != MEDIA_TYPE:
        problems.append(f"content-type is {media_type!r}")
    schema = operation["requestBody"]["content"][MEDIA_TYPE]["schema"]
    return problems + _problems("body", schema, json.loads(body))


def _problems(what: str, schema: Mapping[str, Any], value: Any) -> list[str]:
    return [
        f"{what}: {error.instance_path} {error.message}"
        for error in validator(schema).iter_errors(value)
    ]
