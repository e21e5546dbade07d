from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .delivery_carrier import TYPE


class DeliveryCarrier(models.Model):
    """What a delivery method takes from the account it books with."""

    _inherit = "delivery.carrier"

    prod_environment = fields.Boolean(
        compute="_compute_prod_environment", store=True, readonly=False
    )
    shipment_adapter = fields.Selection(
        related="shipment_account_id.adapter", string="Connection"
    )

    @api.depends("delivery_type", "shipment_account_id.environment")
    def _compute_prod_environment(self):
        """Odoo's own switch says what the account is, and nothing else."""
        for method in self:
            if method.delivery_type == TYPE:
                environment = method.shipment_account_id.environment
                method.prod_environment = environment == "production"
            else:
                method.prod_environment = method.prod_environment

    def toggle_prod_environment(self):
        """Override of `delivery`: for ours, test and production are two accounts."""
        others = self.filtered(lambda method: method.delivery_type != TYPE)
        return super(DeliveryCarrier, others).toggle_prod_environment()

    @api.constrains("shipment_account_id", "shipment_package_type_id", "delivery_type")
    def _check_shipment_package_type(self):
        for method in self.filtered(lambda m: m.delivery_type == TYPE):
            package_type = method.shipment_package_type_id
            if not package_type._fits_shipment_adapter(method.shipment_adapter):
                raise ValidationError(
                    self.env._(
                        "The package type %(package_type)s of %(method)s is one of "
                        "another carrier.",
                        package_type=package_type.name,
                        method=method.name,
                    )
                )

    @api.model
    def _prepare_shipment_methods(self, account, services, product_by_service):
        """Values of one method for each service, named by what the customer reads.

        :param dict services: code -> name of the method.
        """
        formats = account._adapter_class().label_formats
        offered = [
            code for code, _name in self._fields["shipment_label_format"].selection
        ]
        label_format = next((code for code in formats if code in offered), offered[0])
        return [
            {
                "name": name,
                "delivery_type": TYPE,
                "integration_level": "rate_and_ship",
                "shipment_account_id": account.id,
                "shipment_service": code,
                "shipment_label_format": label_format,
                "company_id": account.company_id.id,
                "product_id": product_by_service[code].id,
                "margin": 0.0,
                "fixed_margin": 0.0,
            }
            for code, name in services.items()
        ]

    def _narrow_put_in_pack(self, action):
        """Have the put-in-pack dialog offer only what this method's carrier takes."""
        if action and len(self) == 1 and self.delivery_type == TYPE:
            action["context"] = {
                **action.get("context", {}),
                "default_shipment_adapter": self.shipment_adapter,
            }
        return action
