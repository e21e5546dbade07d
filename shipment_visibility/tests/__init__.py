from . import (
    test_adopt,
    test_effect,
    test_exception,
    test_hooks,
    test_ingest,
    test_picking,
    test_portal,
    test_promise,
    test_security,
    test_tours,
    test_views,
    test_watch,
)
