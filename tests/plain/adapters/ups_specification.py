"""UPS's own OpenAPI files as one that Prism can hold messages against.

The files are read only. What the one changes, and nothing else:

* tabs become spaces, because YAML allows none;
* operations marked as deprecated are left out: their paths match those of today;
* examples and descriptions are left out, and names of schemas begin with their file's;
* every object is closed: UPS's files allow unknown fields everywhere, so that a misspelt one
  would pass;
* the limits in :data:`CONTRADICTIONS` go, which the file's own text or sample contradicts.
"""

import json
import os
from pathlib import Path

import yaml

from dev.environment import paths

FOLDER = (
    Path(os.environ.get("SHIPMENT_SPECS") or paths.ROOT.parent / "shared" / "specs")
    / "ups"
)
FILES = (
    "OAuthClientCredentials",
    "Rating",
    "Shipping",
    "Tracking",
    "Pickup",
    "AddressValidation",
    "Paperless",
)
# File -> schema and property -> what contradicts their limits of length, which go.
_UP_TO = "eight characters are the most that it may have, and the sample has fewer"
CONTRADICTIONS = {
    "Rating": {
        (
            "Shipment_Service",
            "Code",
        ): "exactly three, but all codes and samples have two",
        ("PackageServiceOptions_DeclaredValue", "MonetaryValue"): _UP_TO,
    },
    "Shipping": {
        ("ShipmentResults_BillingWeight", "Weight"): _UP_TO,
    },
    "Pickup": {
        ("PickupCreationRequest_PickupDateInfo", "PickupDate"): "four, but yyyyMMdd",
        ("PickupCreationRequest_TotalWeight", "Weight"): "six, but the example is 10.9",
        ("RateResult_ChargeDetail", "ChargeAmount"): _UP_TO,
        ("RateResult_ChargeDetail", "IncentedAmount"): _UP_TO,
        ("PickupCreationResponse_RateResult", "GrandTotalOfAllCharge"): _UP_TO,
    },
}
_LIMITS = ("minLength", "maxLength")
_COMBINATIONS = {"oneOf", "anyOf", "allOf"}
_NEVER_READ = {"description", "example", "examples", "xml"}


def write(folder):
    """Write the one file into this folder and return it."""
    whole = {
        "openapi": "3.0.3",
        "info": {"title": "UPS", "version": "1"},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for name in FILES:
        content = _read(name)
        whole["paths"] |= _today(content)
        components = content["components"]
        whole["components"]["securitySchemes"] |= components["securitySchemes"]
        whole["components"]["schemas"] |= {
            f"{name}.{schema}": _closed(definition)
            for schema, definition in components["schemas"].items()
        }
    file = Path(folder) / "UPS.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    return file


def _read(name):
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    content = yaml.load(text.replace("\t", " "), Loader=yaml.CSafeLoader)
    schemas = content["components"]["schemas"]
    for (schema, field), _why in CONTRADICTIONS.get(name, {}).items():
        for limit in _LIMITS:
            schemas[schema]["properties"][field].pop(limit, None)
    references = json.dumps(_bare(content)).replace(
        "#/components/schemas/", f"#/components/schemas/{name}."
    )
    return json.loads(references)


def _bare(content, is_names=False):
    """Without what no message is held against; a field may have such a name itself."""
    if isinstance(content, list):
        return [_bare(one) for one in content]
    if not isinstance(content, dict):
        return (
            content
            if content is None or isinstance(content, (bool, int, float))
            else str(content)
        )
    return {
        str(key): _bare(value, is_names=key == "properties" and not is_names)
        for key, value in content.items()
        if is_names or key not in _NEVER_READ
    }


def _today(content):
    """The paths that are not deprecated, each with the security of its file."""
    paths_ = {}
    for path, operations in content["paths"].items():
        methods = [one for one in operations.values() if isinstance(one, dict)]
        if any(one.get("deprecated") for one in methods):
            continue
        for one in methods:
            one.setdefault("security", content.get("security", []))
            one.pop("servers", None)
        paths_[path] = operations
    return paths_


def _closed(schema):
    properties = schema.get("properties")
    if properties and not _COMBINATIONS & set(schema):
        # Some required fields are described nowhere.
        for name in schema.get("required", []):
            properties.setdefault(name, {})
        schema.setdefault("additionalProperties", False)
    return schema
