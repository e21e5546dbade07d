import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("shipment_visibility_loss", {
    steps: () => [
        {
            content: "The loss is at the top, for it is critical",
            trigger: ".o_data_row:first-child td[name=type_id]:contains(Lost)",
            run: "click",
        },
        {
            content: "It says what to do",
            trigger: ".o_field_widget[name=advice]:contains(claim it from the carrier)",
        },
        {
            trigger: "button[name=action_settle]",
            run: "click",
        },
        {
            content: "What is usual is proposed",
            trigger: ".modal .o_field_widget[name=claim] input:checked",
        },
        {
            trigger: ".modal td[name=quantity]:contains(2)",
        },
        {
            content: "Only the claim this time",
            trigger: ".modal .o_field_widget[name=replace] input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=correct] input",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_settle]",
            run: "click",
        },
        {
            content: "The claim knows the value and its deadline",
            trigger: ".o_form_view .o_field_widget[name=amount] input:value(100.00)",
        },
        {
            trigger: ".o_field_widget[name=carrier_reference] input",
            run: "edit CLAIM-77",
        },
        {
            trigger: "button[name=action_file]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button[aria-checked=true]:contains(Filed)",
        },
        {
            content: "Back to the exception, which shows the claim",
            trigger: ".o_field_widget[name=exception_id] a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=claim_ids] .o_data_row:contains(Filed)",
        },
        {
            trigger: "button[name=action_resolve]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=resolution_id] input",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Claimed from the carrier)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_resolve]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=resolution_id]:contains(Claimed from the carrier)",
        },
    ],
});

tours.add("shipment_visibility_hold", {
    steps: () => [
        {
            content: "The list says why the invoice waits",
            trigger: ".o_data_row:contains(Not delivered yet: SHP/) td[name=order_id]",
            run: "click",
        },
        {
            content: "The order shows the parcel without leaving the form",
            trigger: ".o_notebook a[name=shipments]",
            run: "click",
        },
        {
            trigger: ".o_shipment_timeline li[data-code=picked_up]",
        },
    ],
});

tours.add("shipment_visibility_rule", {
    steps: () => [
        {
            trigger: ".o_data_row td[name=name]:contains(Tell the delivery: picked up)",
            run: "click",
        },
        {
            content: "Which shipments would it have been about?",
            trigger: "button[name=action_preview]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains(shipments in 30 days)",
        },
        {
            trigger: ".o_data_row td[name=tracking_numbers]:contains(TOUR-LOST)",
        },
    ],
});

tours.add("shipment_visibility_record", {
    steps: () => [
        {
            trigger: "button:contains(Record an Event)",
            run: "click",
        },
        {
            content: "The shipment is chosen already",
            trigger: ".modal .o_field_widget[name=shipment_ids]:contains(SHP/)",
        },
        {
            trigger: ".modal .o_field_widget[name=code] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(/^Delivered$/)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=signer] input",
            run: "edit C. Exemple",
        },
        {
            trigger: ".modal button[name=action_record]",
            run: "click",
        },
        {
            content: "The record says so at once, and who said it",
            trigger:
                ".o_shipment_timeline li[data-code=delivered]:contains(C. Exemple):contains(Person)",
        },
        {
            trigger: ".o_field_widget[name=headline]:contains(Delivered)",
        },
    ],
});
