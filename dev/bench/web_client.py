"""What the web client asks when a user opens a form, saves it, or looks at a list.

It reads the views as they are installed, so that a benchmark asks for what is really shown.
"""

import ast
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from dev.client import Client

LIST_LIMIT = 80
# The client stops counting there, and shows "10,000+".
COUNT_LIMIT = 10_001
RELATIONAL = ("many2one", "reference", "many2one_reference")
MULTIPLE = ("one2many", "many2many")

Specification = dict[str, dict]
Domain = list[Any]


@dataclass(frozen=True)
class Views:
    """The views of one model as a client has loaded them."""

    client: Client
    model: str
    form: Specification
    list: Specification
    filters: dict[str, Domain]

    @classmethod
    def load(cls, client: Client, model: str) -> "Views":
        """Load the views, as one does once in a session."""
        kinds = ("list", "form", "search")
        answer = client.call(
            model,
            "get_views",
            [[False, kind] for kind in kinds],
            options={"toolbar": True, "load_filters": True},
        )
        types = {name: told["fields"] for name, told in answer["models"].items()}
        arch = {
            kind: ElementTree.fromstring(answer["views"][kind]["arch"])
            for kind in kinds
        }
        return cls(
            client,
            model,
            form=_specification(arch["form"], model, types),
            list=_specification(arch["list"], model, types),
            filters=_filters(arch["search"]),
        )

    def open(self, record: int) -> dict:
        """Open the form of a record."""
        (values,) = self.client.call(
            self.model,
            "web_read",
            [record],
            specification=self.form,
            context={"bin_size": True},
        )
        return values

    def save(self, record: int, **values: Any) -> dict:
        """Save changes that were made on a form, which then shows the record anew."""
        (saved,) = self.client.call(
            self.model, "web_save", [record], values, specification=self.form
        )
        return saved

    def show(self, domain: Domain, limit: int = LIST_LIMIT) -> dict:
        """Look at the first page of a list, with the number of records beside it."""
        return self.client.call(
            self.model,
            "web_search_read",
            domain=domain,
            specification=self.list,
            offset=0,
            limit=limit,
            order="",
            count_limit=COUNT_LIMIT,
            context={"bin_size": True},
        )


def _specification(
    view: ElementTree.Element, model: str, types: dict[str, dict]
) -> Specification:
    """Which fields a view reads, and of related records which."""
    specification: Specification = {}
    for node in _own_fields(view):
        name = node.get("name")
        told = types[model].get(name)
        if told is None:
            continue
        if told["type"] in MULTIPLE:
            related = {} if _never_shown(node) else _related(node, told, types)
            old = specification.get(name, {}).get("fields", {})
            specification[name] = {"fields": old | related} if old or related else {}
        elif told["type"] in RELATIONAL:
            specification[name] = {"fields": {"display_name": {}}}
        else:
            specification.setdefault(name, {})
    return specification


def _related(
    node: ElementTree.Element, told: dict, types: dict[str, dict]
) -> Specification:
    views = [child for child in node if child.tag in ("list", "kanban", "form")]
    shown = [child for child in views if child.tag != "form"]
    if not shown:
        return {"display_name": {}}
    return _specification(shown[0], told["relation"], types)


def _own_fields(view: ElementTree.Element) -> list[ElementTree.Element]:
    """The fields of a view without those of the views inside it."""
    found = []
    for child in view:
        if child.tag == "field":
            found.append(child)
        else:
            found += _own_fields(child)
    return found


def _never_shown(node: ElementTree.Element) -> bool:
    return node.get("invisible") in ("1", "True", "true")


def _filters(view: ElementTree.Element) -> dict[str, Domain]:
    """The filters of a search view that are a condition, and no grouping."""
    filters = {}
    for node in view.iter("filter"):
        domain = node.get("domain")
        if domain and domain != "[]":
            try:
                filters[node.get("name")] = ast.literal_eval(domain)
            except ValueError:
                continue  # It names the user or a day by an expression: none of ours.
    return filters
