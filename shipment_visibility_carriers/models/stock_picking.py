from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import Charge, RateQuote
from odoo.addons.shipment_visibility.models.shipment_handover import Handover

from .delivery_carrier import TYPE
from .shipment_rate_choice import PRICES


class StockPicking(models.Model):
    _inherit = "stock.picking"

    shipment_quote = fields.Json(
        copy=False,
        groups=PRICES,
        help="What the carrier quoted when its service was chosen.",
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

    @api.model
    def _attach_shipments(self, obtained):
        """Make shipments of what was booked, of all that have none yet, in one go.

        :param obtained: ``(wish, ticket, answer)`` of each booking.
        :return: the new shipments.
        """
        shipments = self.env["shipment.shipment"].sudo().with_context(active_test=False)
        keys = [ticket.key for _wish, ticket, _answer in obtained]
        attached = set(
            shipments.search([("booking_key", "in", keys)]).mapped("booking_key")
        )
        fresh = [one for one in obtained if one[1].key not in attached]
        for wish, _ticket, _answer in obtained:
            wish.pickings._end_waiting_for_label()
        if not fresh:
            return shipments
        for wish, ticket, _answer in fresh:
            # A label that was replaced because the content changed.
            for stale in wish.pickings.sudo().shipment_ids.filtered(
                lambda s, kind=ticket.kind: (
                    s.booking_key and s.direction == kind and s.is_voidable
                )
            ):
                stale._end_voided_label()
        made = shipments._hand_over(
            [
                wish.pickings._prepare_booked_handover(wish, ticket, answer)
                for wish, ticket, answer in fresh
            ]
        )
        self._post_labels(fresh)
        for shipment, (_wish, ticket, _answer) in zip(made, fresh, strict=True):
            user = self.env.user
            if not user.active:
                # The system attaches it: for who asked for it.
                user = user.browse(ticket.user_id).exists() or user
            shipment._print_new_labels(user)
        return made

    def _prepare_booked_handover(self, wish, ticket, answer):
        shipments = self.env["shipment.shipment"]
        method_sudo = wish.method.sudo()
        return Handover(
            self.sudo(),
            method_sudo,
            self._prepare_booked_parcels(wish.request, answer),
            self._prepare_booked_charges(answer),
            "",
            {
                "direction": ticket.kind,
                "outbound_id": self._get_returned_shipment(ticket.kind).id,
                **shipments._prepare_booked_vals(
                    ticket, method_sudo.shipment_account_id, answer, self.sudo()[:1]
                ),
            },
        )

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
        # Whoever books need not be allowed to see what was quoted.
        first_sudo = self[:1].sudo()
        quoted = first_sudo.shipment_quote or first_sudo.sale_id.shipment_quote
        # What was quoted for one delivery is no quote for several together.
        if len(self) == 1 and quoted and quoted["service"] == answer.service:
            quote = RateQuote.model_validate(quoted)
            lines = quote.charges or [Charge(money=quote.total)]
            charges += shipments._prepare_charges("quoted", lines)
        return charges

    @api.model
    def _post_labels(self, obtained):
        """Show labels and documents in the chatter, named as Odoo's connectors name them."""
        vals_list, bodies, counts = [], {}, {}
        for wish, ticket, answer in obtained:
            files = self._get_label_files(wish.method, ticket.kind, answer)
            numbers = ", ".join(label.tracking_number for label in answer.labels)
            body = (
                self.env._("Return label: %s", numbers)
                if ticket.kind == "return"
                else self.env._("Labels: %s", numbers)
            )
            for picking in wish.pickings.sudo():
                bodies[picking.id], counts[picking.id] = body, len(files)
                vals_list += [
                    {
                        "name": name,
                        "mimetype": document.mimetype,
                        "raw": document.content,
                        "res_model": picking._name,
                        "res_id": picking.id,
                    }
                    for name, document in files
                ]
        attachments = self.env["ir.attachment"].sudo().create(vals_list)
        messages = self.browse(bodies)._message_log_batch(bodies)
        for message, count in zip(messages, counts.values(), strict=True):
            message.attachment_ids = attachments[:count]
            attachments = attachments[count:]

    @api.model
    def _get_label_files(self, method, kind, answer):
        prefix = (
            method.get_return_label_prefix()
            if kind == "return"
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
        return [(name, document) for name, document in files if document.content]

    # === FINDING AND ENDING === #

    def _get_booked_shipments(self):
        """The live outbound shipments of these deliveries that we booked.

        Odoo writes a tracking number on all transfers of a chain, so that one asked for on
        the transfer that picks is found by its number. A number that was typed on a transfer
        of another chain says nothing.
        """
        # Who works on a delivery need not see the whole chain.
        pickings_sudo = self.sudo()
        shipments_sudo = pickings_sudo.shipment_ids
        numbers = {n for picking in self for n in picking._tracking_numbers()}
        if not shipments_sudo and numbers:
            chain_sudo = pickings_sudo._get_transfer_chain().filtered(
                lambda p: p.company_id in pickings_sudo.company_id
            )
            shipments_sudo = chain_sudo.shipment_ids.filtered(
                lambda s: any(
                    package.live and package.tracking_number in numbers
                    for package in s.package_ids
                )
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

    # === PRINTING === #

    def _get_print_places(self, user):
        """Where labels come out, best first: the user's bench, operation type, warehouse."""
        # Printers are read for whoever books, also in the name of another.
        user_sudo, picking_sudo = user.sudo(), self.sudo()
        bench = user_sudo.shipment_bench_id.filtered(
            lambda b: b.active and b.company_id <= self.company_id
        )
        operation = picking_sudo.picking_type_id
        places = (bench, operation, operation.warehouse_id)
        return [place for place in places if place]

    def _get_shipment_label_format(self, method):
        """The format to ask of the carrier: as the place wants it, if the carrier prints it.

        :param method: the delivery method; its own format is the last that is considered.
        """
        adapter = method._shipment_adapter_class()
        for place in self._get_print_places(self.env.user):
            wanted = place._get_wanted_label_format()
            if wanted and adapter and wanted in adapter.label_formats:
                return wanted
        return method.shipment_label_format

    # === BUTTONS === #

    def action_print_shipment_labels(self):
        """Print the labels of these deliveries, in their order; nothing is bought again."""
        return self.shipment_ids.action_print_label()

    def action_download_shipment_labels(self):
        """Hand the labels of these deliveries to the browser as one file, in their order."""
        return self.shipment_ids.action_download_labels()

    def action_choose_label_printer(self):
        """Ask on which printer to print the labels of these deliveries."""
        return self.shipment_ids.action_choose_printer()

    def action_compare_rates(self):
        """Compare what the delivery methods would cost for these very parcels."""
        self.ensure_one()
        return self.env["shipment.rate.compare"]._open({"picking_id": self.id})


def _suffix(document):
    return document.name.rpartition(".")[2].lower() or "pdf"
