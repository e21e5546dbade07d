from . import (
    test_effect,
    test_exception,
    test_hooks,
    test_ingest,
    test_picking,
    test_security,
)
