"""A user of a running server, who calls it as the web client does."""

import itertools
from typing import Any

import requests

TIMEOUT = 120


class ServerError(Exception):
    """The server refused a call; the message is what the user would read."""

    def __init__(self, message: str, kind: str):
        super().__init__(message)
        self.kind = kind


class Client:
    """One logged-in user."""

    def __init__(
        self, url: str, database: str, login: str, password: str | None = None
    ):
        self.url = url
        self.login = login
        self.session = requests.Session()
        self._ids = itertools.count(1)
        info = self._post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password or login},
        )
        self.uid: int = info["uid"]
        self.context: dict[str, Any] = info["user_context"]

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a public method of a model, with the user's own context unless one is given."""
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        return self._post(
            f"/web/dataset/call_kw/{model}.{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def create(self, model: str, **values: Any) -> int:
        """Create one record and return its id."""
        return self.call(model, "create", [values])[0]

    def search(self, model: str, domain: list, **kwargs: Any) -> list[int]:
        """Ids of the records that match."""
        return self.call(model, "search", domain, **kwargs)

    def read(self, model: str, ids: list[int] | int, *fields: str) -> list[dict]:
        """Values of some fields of some records."""
        ids = [ids] if isinstance(ids, int) else ids
        return self.call(model, "read", ids, list(fields))

    def find(self, model: str, domain: list, *fields: str, **kwargs: Any) -> list[dict]:
        """Values of some fields of the records that match."""
        return self.call(model, "search_read", domain, list(fields), **kwargs)

    def reference(self, xmlid: str) -> int:
        """The id behind an external identifier."""
        module, name = xmlid.split(".", 1)
        found = self.find(
            "ir.model.data", [("module", "=", module), ("name", "=", name)], "res_id"
        )
        return found[0]["res_id"]

    def get(self, path: str) -> requests.Response:
        """Fetch a page or a file in this user's session."""
        return self.session.get(self.url + path, timeout=TIMEOUT)

    def _post(self, path: str, params: dict) -> Any:
        answer = self.session.post(
            self.url + path,
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "id": next(self._ids),
                "params": params,
            },
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        body = answer.json()
        if "error" in body:
            data = body["error"].get("data") or {}
            message = data.get("message") or body["error"]["message"]
            raise ServerError(message, data.get("name", ""))
        return body.get("result")
