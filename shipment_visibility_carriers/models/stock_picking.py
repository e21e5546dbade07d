from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import Charge, RateQuote

from .delivery_carrier import TYPE


class StockPicking(models.Model):
    _inherit = "stock.picking"

    shipment_quote = fields.Json(
        copy=False, help="What the carrier quoted when its service was chosen."
    )
    shipment_has_label = fields.Boolean(compute="_compute_shipment_has_label")

    def _compute_shipment_has_label(self):
        for picking in self:
            picking.shipment_has_label = any(picking.shipment_ids.mapped("has_label"))

    def _make_shipments(self):
        """Override of `shipment_visibility`: what we book has a shipment once it is booked."""
        ours = self.filtered(
            lambda p: (
                p.carrier_id.delivery_type == TYPE
                and p.carrier_id.integration_level == "rate_and_ship"
                and not p.carrier_tracking_ref
            )
        )
        return super(StockPicking, self - ours)._make_shipments()

    # === FROM THE BOOKING === #

    def _attach_shipment(self, method, ticket, request, answer):
        """Make a shipment of what was booked, unless it has one already."""
        self.sudo().write(
            {
                "shipment_booking_state": False,
                "shipment_booking_note": False,
                "shipment_booking_since": False,
            }
        )
        shipments = self.env["shipment.shipment"].sudo()
        if shipments.with_context(active_test=False).search_count(
            [("booking_key", "=", ticket.key)], limit=1
        ):
            return
        # A label that was replaced because the content changed.
        for stale in self.sudo().shipment_ids.filtered(
            lambda s: s.booking_key and s.direction == ticket.kind and s.is_voidable
        ):
            stale._end_voided_label()
        parcels = self._prepare_booked_parcels(request, answer)
        shipments._create_for_pickings(
            self.sudo(),
            delivery_carrier=method.sudo(),
            parcels=parcels,
            charges=self._prepare_booked_charges(answer),
            direction=ticket.kind,
            outbound_id=self._get_returned_shipment(ticket.kind).id,
            **shipments._prepare_booked_vals(
                ticket, method.sudo().shipment_account_id, answer, self.sudo()[:1]
            ),
        )
        for picking in self:
            picking._post_labels(method, ticket.kind, answer)

    def _get_returned_shipment(self, kind):
        """The outbound shipment that a return brings back."""
        if kind != "return":
            return self.env["shipment.shipment"]
        sent = self.sudo() | self.sudo().move_ids.origin_returned_move_id.picking_id
        return sent.shipment_ids.filtered(lambda s: s.direction == "outbound")[:1]

    def _prepare_booked_parcels(self, request, answer):
        """The parcels as Odoo knows them, with what the carrier gave to each."""
        labels = {label.parcel_reference: label for label in answer.labels}
        packed = {} if request.is_return else self._get_packed_parcels()
        vals_list = []
        for parcel in request.parcels:
            label = labels.get(parcel.reference)
            vals_list.append(
                {
                    "weight_kg": float(parcel.weight.kg),
                    "contents": parcel.description,
                    **packed.get(parcel.reference, {}),
                    "tracking_number": label and label.tracking_number,
                    "label": label and self._prepare_label(label),
                }
            )
        return vals_list

    def _get_packed_parcels(self):
        """parcel reference -> what Odoo knows of the package that it is."""
        packed = {}
        for picking in self.sudo():
            known = {
                parcel["stock_package_id"]: parcel
                for parcel in picking._prepare_parcels()
                if parcel.get("stock_package_id")
            }
            packages = picking.move_line_ids.result_package_id
            for number, package in enumerate(packages, start=1):
                packed[f"{picking.name}/{number}"] = known.get(package.id, {})
        return packed

    def _prepare_label(self, label):
        document = label.label
        if not document.content:
            # The number was entered by hand; the carrier's own label was lost.
            return None
        return document.name, document.mimetype, document.content

    def _prepare_booked_charges(self, answer):
        shipments = self.env["shipment.shipment"]
        charges = shipments._prepare_charges("booked", answer.charges)
        quoted = self.shipment_quote or self.sudo().sale_id.shipment_quote
        if quoted and quoted["service"] == answer.service:
            quote = RateQuote.model_validate(quoted)
            lines = quote.charges or [Charge(money=quote.total)]
            charges += shipments._prepare_charges("quoted", lines)
        return charges

    def _post_labels(self, method, kind, answer):
        """Show labels and documents in the chatter, named as Odoo's connectors name them."""
        is_return = kind == "return"
        prefix = (
            method.get_return_label_prefix()
            if is_return
            else method._get_delivery_label_prefix()
        )
        files = [
            (f"{prefix}-{label.tracking_number}.{_suffix(label.label)}", label.label)
            for label in answer.labels
        ]
        files += [
            (f"{method._get_delivery_doc_prefix()}-{document.name}", document)
            for document in answer.documents
        ]
        numbers = ", ".join(label.tracking_number for label in answer.labels)
        body = (
            self.env._("Return label: %s", numbers)
            if is_return
            else self.env._("Labels: %s", numbers)
        )
        self.message_post(
            body=body,
            attachments=[
                (name, document.content) for name, document in files if document.content
            ],
        )

    # === FINDING AND ENDING === #

    def _get_booked_shipments(self):
        """The live outbound shipments of these deliveries that we booked.

        Odoo writes a tracking number on all transfers of a chain, so that one asked for on
        the transfer that picks is found by its number.
        """
        shipments_sudo = self.sudo().shipment_ids
        if not shipments_sudo:
            numbers = {n for picking in self for n in picking._tracking_numbers()}
            shipments_sudo = (
                self.env["shipment.package"]
                .sudo()
                .search([("tracking_number", "in", list(numbers)), ("live", "=", True)])
                .shipment_id
            )
        return shipments_sudo.filtered(
            lambda s: (
                s.booking_key
                and s.direction == "outbound"
                and any(s.package_ids.mapped("live"))
            )
        )

    def _check_booked_here(self):
        """A number that was typed by hand belongs to a label we cannot cancel.

        :raise UserError: there is one; it says what to do.
        """
        foreign = self.sudo().shipment_ids.filtered(
            lambda s: (
                not s.booking_key
                and any(
                    package.live and package.tracking_number
                    for package in s.package_ids
                )
            )
        )
        if foreign:
            raise UserError(
                self.env._(
                    "%s was not booked from here. Cancel it at the carrier, then clear "
                    "the tracking reference.",
                    ", ".join(foreign.mapped("tracking_numbers")),
                )
            )

    def _get_transfer_chain(self):
        """These transfers and those before and after, on which Odoo mirrors the number."""
        moves = frontier = self.move_ids
        while frontier:
            frontier = (frontier.move_orig_ids | frontier.move_dest_ids) - moves
            moves |= frontier
        return self | moves.picking_id

    def _drop_tracking_numbers(self, numbers):
        """Take numbers that are void out of Odoo's comma list."""
        for picking in self.filtered("carrier_tracking_ref"):
            left = [n for n in picking._tracking_numbers() if n not in numbers]
            if len(left) < len(picking._tracking_numbers()):
                picking.carrier_tracking_ref = ",".join(left) or False

    # === BUTTONS === #

    def action_print_shipment_labels(self):
        """Hand the labels of these deliveries to the browser as one file."""
        return self.shipment_ids.action_print_label()

    def action_compare_rates(self):
        """Compare what the delivery methods would cost for these very parcels."""
        self.ensure_one()
        return self.env["shipment.rate.compare"]._open({"picking_id": self.id})


def _suffix(document):
    return document.name.rpartition(".")[2].lower() or "pdf"
