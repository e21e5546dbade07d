import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("shipment_visibility_carriers_compare", {
    steps: () => [
        {
            content: "Compare the carriers",
            trigger: "button[name=action_compare_rates]",
            run: "click",
        },
        {
            content: "The dearer one is there too",
            trigger: ".modal .o_data_row:contains(Sandbox express) button[name=action_choose]",
            run: "click",
        },
        {
            content: "It is on the order",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=order_line]:contains(Sandbox express)",
        },
        {
            content: "What the others would have cost",
            trigger: "button[name=action_view_shipment_offers]",
            run: "click",
        },
        {
            content: "Who chose, and the cheapest instead",
            trigger: ".o_form_view:contains(Chosen by hand) .o_field_widget[name=cheapest_name]:contains(Sandbox standard)",
        },
    ],
});
