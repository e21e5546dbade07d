from . import test_connect, test_drain, test_endpoint, test_route, test_security
from . import test_live
from . import test_drain_faults, test_receipt_message, test_replay
