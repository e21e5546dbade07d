from odoo import models

LISTED = "(company_id, id) WHERE active IS TRUE AND "


class ShipmentShipment(models.Model):
    """What the filters of shipments are read by when there are a million.

    Each finds few among very many. With the company and the id an index also gives the
    order of the list, and the number beside it without a look at the rows. They hold what a
    filter shows and nothing else, so that what was delivered long ago costs nothing; and no
    column that changes with every event.
    """

    _inherit = "shipment.shipment"

    # On the way, late, silent, due today: all of them among what has not ended, which is
    # one in fifty or less. The planner knows it again by the same codes in any order.
    _under_way_idx = models.Index(
        LISTED + "headline NOT IN ('delivered', 'lost', 'returned', 'cancelled')"
    )
    _trouble_idx = models.Index(LISTED + "open_exception_count > 0")
    # Delivered late is less rare, but was counted by reading every shipment there ever was.
    _was_late_idx = models.Index(LISTED + "punctuality = 'late'")
    # From suppliers and returns; nearly all others are outbound and need no index.
    _direction_idx = models.Index(
        "(company_id, direction, id) WHERE active IS TRUE AND direction != 'outbound'"
    )
    _archived_idx = models.Index("(company_id, id) WHERE active IS NOT TRUE")


class ShipmentPackage(models.Model):
    _inherit = "shipment.package"

    # Without a tracking number, as the filter asks: by the text of nothing, or none.
    _numberless_idx = models.Index(
        "(company_id, shipment_id)"
        " WHERE tracking_number = '' OR tracking_number IS NULL"
    )
