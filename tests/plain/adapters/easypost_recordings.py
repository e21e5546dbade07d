"""EasyPost's recorded exchanges, given again by a server on the loopback.

The recordings are the cassettes that EasyPost's own client library is tested with. They are no
part of this repository: they lie in ``../shared/specs/easypost``.
"""

import json
import os
from pathlib import Path

import yaml

from dev.environment import paths

FOLDER = (
    Path(os.environ.get("SHIPMENT_SPECS") or paths.ROOT.parent / "shared" / "specs")
    / "easypost"
)
API = "https://api.easypost.com"
# Where EasyPost keeps labels and lists; they were not recorded.
FILE_HOSTS = (
    "https://easypost-files.s3.us-west-2.amazonaws.com",
    "https://easypost-files.s3-us-west-2.amazonaws.com",
)
FILE = b"%PDF-1.4 a file that was not recorded"


class Recording:
    """Answer of a ``CarrierServer``: what was recorded, in its order.

    A request must be the next recorded one by method and path, but for two that tell nothing
    new: a look at a shipment gives the state it was last recorded in, and a file is any file.

    :ivar sent: the bodies of the requests that were matched, ours.
    """

    def __init__(self, name, url):
        content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        self.url = url
        self._exchanges = content["interactions"]
        self._position = 0
        self._states = {}
        self.sent = []

    def starting_with(self, position):
        """Pass over what our adapter asks in another way; its answers are known states."""
        while self._position < position:
            self._take()
        return self

    def body(self, position):
        """What was recorded as sent, as an object."""
        return json.loads(self._exchanges[position]["request"]["body"])

    def answer(self, position):
        """What was recorded as answered, as an object."""
        return json.loads(self._exchanges[position]["response"]["body"]["string"])

    @property
    def is_over(self):
        return self._position == len(self._exchanges)

    def __call__(self, request):
        if request.path.startswith("/files/"):
            return 200, {}, FILE
        expected = None if self.is_over else self._exchanges[self._position]["request"]
        asked = (request.method, request.target)
        if expected and asked == (
            expected["method"],
            expected["uri"].removeprefix(API),
        ):
            self.sent.append(request.json if request.body else None)
            return self._take()
        if request.method == "GET" and request.target in self._states:
            return self._states[request.target]
        words = f"This was not recorded here: {request.method} {request.target}"
        return 422, {}, json.dumps({"error": {"message": words}}).encode()

    def _take(self):
        response = self._exchanges[self._position]["response"]
        self._position += 1
        text = response["body"]["string"]
        for host in FILE_HOSTS:
            text = text.replace(host, self.url)
        answer = (response["status"]["code"], {}, text.encode())
        content = json.loads(text)
        if content.get("object") == "Shipment":
            self._states[f"/v2/shipments/{content['id']}"] = answer
        return answer


def differences(recorded, ours, path=""):
    """Where our message lacks or changes what was recorded. More than that is no difference."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return [
            difference
            for key, value in recorded.items()
            for difference in (
                differences(value, ours[key], f"{path}.{key}")
                if key in ours
                else [f"{path}.{key} is missing"]
            )
        ]
    both = (recorded, ours)
    if all(isinstance(value, list) for value in both) and len(recorded) == len(ours):
        return [
            difference
            for position, values in enumerate(zip(*both, strict=True))
            for difference in differences(*values, f"{path}.{position}")
        ]
    return [] if recorded == ours else [f"{path}: {ours!r} instead of {recorded!r}"]
