from . import (
    test_account,
    test_booking,
    test_booking_janitor,
    test_company,
    test_delivery_method,
    test_labels,
    test_print,
    test_rate_compare,
    test_rates,
    test_request,
    test_tours,
    test_warehouse_user,
)
