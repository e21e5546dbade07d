from . import test_connect, test_drain, test_endpoint, test_route, test_security
from . import test_live
from . import (
    test_outbox_operate,
    test_outbox_record,
    test_outbox_send,
    test_subscription,
)
