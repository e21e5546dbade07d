from . import (
    test_adopt,
    test_effect,
    test_exception,
    test_hooks,
    test_ingest,
    test_picking,
    test_portal,
    test_security,
    test_sources,
    test_tours,
    test_views,
)
