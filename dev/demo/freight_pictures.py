"""Which pages show what finance does with carriers' invoices."""

from .story import Story

ACTION = "/odoo/action-shipment_visibility_carriers.shipment_"
REPORT = "/odoo/action-shipment_visibility.shipment_freight_report_action"
MARGIN = ".o_pivot .o_pivot_cell_value"


def desktop(story: Story) -> list[tuple]:
    """The pages of an accountant."""
    invoice = f"{ACTION}carrier_invoice_action/{story.invoices[0]}"
    dispute = f"{ACTION}freight_dispute_action/{story.dispute}"
    accrual = f"{ACTION}freight_accrual_action/{story.accrual}"
    return [
        (
            "freight-invoice",
            invoice,
            ".o_field_widget[name=finding_ids] .o_data_row",
        ),
        ("freight-findings", f"{ACTION}freight_finding_action", ".o_data_row"),
        (
            "freight-unmatched",
            f"{ACTION}carrier_invoice_line_action_unmatched",
            ".o_data_row",
        ),
        ("freight-dispute", dispute, ".o_data_row"),
        ("freight-bill", f"/odoo/vendor-bills/{story.bill}", ".o_data_row"),
        ("freight-accrual", accrual, ".o_data_row"),
        ("freight-analysis", REPORT, MARGIN),
    ]


def phone(story: Story) -> list[tuple]:
    """The same for whoever decides on the way."""
    return [
        (
            "freight-findings-phone",
            f"{ACTION}freight_finding_action",
            ".o_kanban_record:not(.o_kanban_ghost)",
        ),
    ]
