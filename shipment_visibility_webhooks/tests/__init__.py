from . import test_drain, test_endpoint, test_live, test_route, test_security
