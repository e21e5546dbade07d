from . import test_connect, test_drain, test_endpoint, test_route, test_security
from . import test_live
from . import (
    test_endpoint_scheme,
    test_endpoint_secret,
    test_endpoint_trial,
    test_endpoint_watch,
    test_route_limits,
)
from . import test_catching_up, test_health, test_metrics
from . import (
    test_outbox_metrics,
    test_outbox_operate,
    test_outbox_record,
    test_outbox_send,
    test_outbox_trouble,
    test_subscription,
)
from . import test_drain_faults, test_receipt_message, test_replay
from . import test_lookout
from . import test_tour_endpoint
