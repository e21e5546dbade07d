"""Which pages show how labels are booked, and what they need beforehand."""

from .story import Story

RUNS = "shipment_visibility_carriers.shipment_booking_run_action"
BENCHES = "shipment_visibility_carriers.shipment_print_bench_action"
PRINTERS = "shipment_visibility_carriers.shipment_printer_action"
CHOICES = "shipment_visibility_carriers.shipment_selection_rule_action"
PICKUPS = "shipment_visibility_carriers.shipment_pickup_action"
MANIFESTS = "shipment_visibility_carriers.shipment_manifest_action"
SETTINGS = "/odoo/action-stock.action_stock_config_settings"
CARDS = ".o_shipment_connection_cards"


def prepare(story: Story) -> None:
    """Have a delivery whose label follows, and a bench with its printers.

    The carrier of that delivery must be away, until its pictures are taken.
    """
    story.late = story.send_anyway("lyon", {0: 1})
    admin = story.admin
    zebra = admin.create("shipment.printer", name="Zebra 1", host="192.0.2.31")
    office = admin.create(
        "shipment.printer",
        name="Office",
        kind="ipp",
        uri="ipp://192.0.2.40/ipp/print",
        takes_zpl=False,
        takes_pdf=True,
    )
    story.bench = admin.create(
        "shipment.print.bench",
        name="Bench 1, outgoing",
        warehouse_id=story.demo.warehouses[0],
        shipment_zpl_printer_id=zebra,
        shipment_pdf_printer_id=office,
    )


def desktop(story: Story) -> list[tuple]:
    """The warehouse's and the administrator's pages."""
    admin = story.admin
    lost = admin.search("shipment.exception", [("picking_id", "=", story.lost)])[0]
    labelled = admin.find(
        "shipment.booking.run.line",
        [("run_id", "=", story.run), ("state", "=", "booked")],
        "picking_id",
    )[0]["picking_id"][0]
    rule = admin.search("shipment.selection.rule", [])[0]
    return [
        (
            "bulk-labels",
            f"/odoo/action-{RUNS}/{story.run}",
            ".o_data_row .text-bg-danger",
        ),
        ("label-follows", f"/odoo/deliveries/{story.late}", ".alert-info"),
        ("booking-lost", f"/odoo/shipment-exceptions/{lost}", ".o_form_view"),
        (
            "correct-label",
            f"/odoo/deliveries/{labelled}",
            "button[name=action_correct_label]",
            ".modal td[name=weight]",
            (".modal td[name=weight] input", "3.2"),
            ".modal button[name=action_price]",
            ".modal .o_field_widget[name=cost_difference]",
        ),
        ("pickup", f"/odoo/action-{PICKUPS}/{story.pickup}", ".o_form_view"),
        ("manifest", f"/odoo/action-{MANIFESTS}/{story.manifest}", ".o_form_view"),
        ("bench", f"/odoo/action-{BENCHES}/{story.bench}", ".o_form_view"),
        ("printers", f"/odoo/action-{PRINTERS}", ".o_data_row"),
        ("selection-rule", f"/odoo/action-{CHOICES}/{rule}", ".o_form_view"),
        ("settings", SETTINGS, CARDS),
    ]


def phone(story: Story) -> list[tuple]:
    """The same for whoever walks about."""
    return [
        ("label-follows-phone", f"/odoo/deliveries/{story.late}", ".alert-info"),
        ("bulk-labels-phone", f"/odoo/action-{RUNS}/{story.run}", ".o_form_view"),
    ]


def assistant() -> list[tuple]:
    """The steps to a connected carrier; the last pictures, for they make an account."""
    connect = f"{CARDS} [data-adapter={{}}] button[name=connect]"
    connected = (
        SETTINGS,
        connect.format("sandbox"),
        ".modal button[name=action_connect]",
    )
    return [
        (
            "connect-account",
            SETTINGS,
            connect.format("ups"),
            ".modal .o_shipment_credentials input",
        ),
        ("connect-services", *connected, ".modal .o_data_row"),
        (
            "connect-ready",
            *connected,
            ".modal button[name=action_create_methods]",
            ".modal .o_field_widget[name=method_ids]",
        ),
    ]
