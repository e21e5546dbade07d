"""The test that we send to ourselves: the same for every carrier, and no message of any.

Plain Python. It is signed and verified as any message, so that nobody else can write one, and
known by its whole content, so that nothing of a carrier can be taken for one.
"""

import re
import uuid

_FORM = re.compile(rb'\{"shipment_visibility_test": "[0-9a-f]{32}"\}')


def new_trial() -> bytes:
    """A test unlike any other."""
    return b'{"shipment_visibility_test": "%s"}' % uuid.uuid4().hex.encode()


def is_trial(body: bytes) -> bool:
    """Whether this is a test, and to be read by nobody."""
    return _FORM.fullmatch(body) is not None
