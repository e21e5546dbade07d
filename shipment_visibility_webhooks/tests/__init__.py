from . import test_drain, test_endpoint, test_route, test_security
