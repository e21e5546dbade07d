"""The two ways to the sandbox: in this process, or over HTTP to a process of its own.

Both take the same request and give the same answer or error, so the adapter knows one carrier.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..errors import NotSupported
from ..transport import Transport, judged, lost
from ..wire import Answer
from . import engine, faults, handover, places
from .faults import Fault
from .problem import Problem


class Line(Protocol):
    """A way to reach the carrier."""

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        payload: Any = None,
        params: Mapping[str, str] | None = None,
        key: str = "",
        idempotent: bool | None = None,
    ) -> Answer:
        """As :meth:`..transport.Transport.send`; ``key`` is the idempotency key."""


class HttpLine:
    """To a carrier at ``base_url``, over HTTP."""

    def __init__(self, transport: Transport, base_url: str, api_key: str):
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key

    def send(
        self,
        operation,
        method,
        path,
        *,
        payload=None,
        params=None,
        key="",
        idempotent=None,
    ):
        headers = {"Authorization": f"Bearer {self._api_key}"}
        if key:
            headers["Idempotency-Key"] = key
        return self._transport.send(
            operation,
            method,
            f"{self._base_url}{path}",
            headers=headers,
            params=params,
            json=payload,
            idempotent=idempotent,
        )


class LocalLine:
    """To the engine in this process, with the same faults that a simulator shows over HTTP."""

    def __init__(self, transport: Transport, api_key: str):
        self._transport = transport
        self._api_key = api_key

    def send(
        self,
        operation,
        method,
        path,
        *,
        payload=None,
        params=None,
        key="",
        idempotent=None,
    ):
        idempotent = method == "GET" if idempotent is None else idempotent
        request = json.dumps(payload or params or {}, ensure_ascii=False)
        with self._transport.local(
            operation, request, method=method, url=f"sandbox:{path}"
        ) as draft:
            name, call = _call(path, payload, params, key)
            fault = faults.find(name, self._api_key, request)
            answer = self._answer(call, fault, idempotent)
            draft.status, draft.response = answer.status, answer.body
            return judged(answer, idempotent)

    def _answer(
        self, call: Callable[[], Any], fault: Fault | None, idempotent: bool
    ) -> Answer:
        if fault is Fault.TIMEOUT:
            raise lost("The carrier did not answer in time.", idempotent)
        if fault is Fault.SLOW:
            self._think(idempotent)
        if fault is Fault.GARBAGE:
            return Answer(200, {}, faults.GARBAGE)
        if fault is Fault.AUTH:
            return Answer(401, {}, b"")
        if fault is Fault.DOWN:
            return Answer(503, {"Retry-After": str(faults.RETRY_AFTER_SECONDS)}, b"")
        try:
            if fault is Fault.REFUSE:
                raise engine.refusal()
            if fault is Fault.FUNDS:
                raise engine.no_funds()
            return Answer(200, {}, json.dumps(call()).encode())
        except Problem as problem:
            return Answer(problem.status, {}, json.dumps(problem.body()).encode())

    def _think(self, idempotent: bool) -> None:
        if faults.SLOW_SECONDS > self._transport.timeout:
            time.sleep(self._transport.timeout)
            raise lost("The carrier did not answer in time.", idempotent)
        time.sleep(faults.SLOW_SECONDS)


def _call(
    path: str, payload: Any, params: Mapping[str, str] | None, key: str
) -> tuple[str, Callable[[], Any]]:
    """The kind of operation, and the engine's function, behind a path."""
    params = params or {}
    *_, named, last = path.split("/")
    match last:
        case "rates":
            return "rate", lambda: engine.rates(payload)
        case "drafts":
            return "draft", lambda: engine.draft(payload, key)
        case "shipments" if payload is not None:
            return "book", lambda: engine.book(payload, key)
        case "void":
            return "void", lambda: engine.void(named)
        case "tracking":
            return "track", lambda: engine.track(params["numbers"].split(","))
        case "check":
            return "address", lambda: places.check(payload)
        case "points":
            return "points", lambda: places.points(params)
        case "pickups":
            return "pickup", lambda: handover.pickup(payload, key)
        case "cancel":
            return "cancel", lambda: handover.cancel_pickup(named)
        case "balance":
            return "balance", engine.balance
        case "manifests":
            return "manifest", lambda: handover.manifest(payload)
    raise NotSupported("Sandbox Carrier has no memory without a carrier address.")
