import datetime as dt

from odoo.fields import Command
from odoo.tests import TransactionCase

from ..canonical.milestone import Code
from ..canonical.schema import Location, Source, TrackingEvent

NOON = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)


class ShipmentCase(TransactionCase):
    """A company with goods on stock, a customer, and a fixed-price delivery method."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                "no_reset_password": True,
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Example Customer",
                "is_company": True,
                "country_id": cls.env.ref("base.fr").id,
                "email": "customer@example.com",
            }
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Lamp",
                "is_storable": True,
                "weight": 1.5,
                "list_price": 50.0,
                "invoice_policy": "delivery",
                "taxes_id": False,
            }
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, cls.warehouse.lot_stock_id, 1000
        )
        cls.method = cls.env["delivery.carrier"].create(
            {
                "name": "Test Post",
                "product_id": cls.env["product.product"]
                .create({"name": "Delivery", "type": "service"})
                .id,
            }
        )
        cls.carrier = cls.method._get_shipment_carrier()
        cls.company = cls.env.company

    @classmethod
    def make_order(cls, quantity=2, **values):
        """A confirmed order whose delivery is ready."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.product.id, "product_uom_qty": quantity}
                    )
                ],
                **values,
            }
        )
        order.set_delivery_line(cls.method, 5.0)
        order.action_confirm()
        order.picking_ids.action_assign()
        return order

    @classmethod
    def validate(cls, picking):
        """Validate a delivery as a user of the warehouse would."""
        picking.move_ids.picked = True
        picking.button_validate()
        return picking.shipment_ids

    @classmethod
    def make_shipment(cls, *numbers, **values):
        """A shipment of one parcel a number, without a delivery."""
        return cls.env["shipment.shipment"].create(
            {
                "company_id": cls.company.id,
                "carrier_id": cls.carrier.id,
                "partner_id": cls.customer.id,
                "package_ids": [
                    Command.create({"sequence": place, "tracking_number": number})
                    for place, number in enumerate(numbers, start=1)
                ],
                **values,
            }
        )

    @classmethod
    def event(cls, number, code, minutes=0, **values):
        """An event of our carrier, so many minutes after yesterday noon."""
        return TrackingEvent(
            carrier=values.pop("carrier", cls.carrier.code),
            tracking_number=number,
            raw_code=values.pop("raw_code", code.value),
            code=code,
            occurred_at=NOON + dt.timedelta(minutes=minutes),
            location=Location(city="Lyon", country="FR"),
            **values,
        )

    @classmethod
    def ingest(cls, *events, source=Source.WEBHOOK, **values):
        """Let events in by the one door."""
        return cls.env["shipment.shipment"]._ingest(
            list(events), source=source, **{"company": cls.company, **values}
        )

    @classmethod
    def journey(cls, number, *codes):
        """Events of a journey, an hour apart."""
        return [
            cls.event(number, code, minutes=60 * place)
            for place, code in enumerate(codes)
        ]

    @classmethod
    def resolve(cls, exceptions):
        """Resolve exceptions as their owner does."""
        action = exceptions.action_resolve()
        wizard = exceptions.env[action["res_model"]].with_context(**action["context"])
        resolution = cls.env.ref(
            "shipment_visibility.shipment_exception_resolution_carrier"
        )
        wizard.create({"resolution_id": resolution.id}).action_resolve()

    @classmethod
    def carry_out(cls):
        """Do what the queue would do with the ledger."""
        bot = cls.env.ref("shipment_visibility.user_bot")
        cls.env["shipment.effect"].with_user(bot).sudo()._job_carry_out()


USUAL = (
    Code.PICKED_UP,
    Code.DEPARTED,
    Code.ARRIVED,
    Code.OUT_FOR_DELIVERY,
    Code.DELIVERED,
)
