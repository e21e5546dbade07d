import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Fetch what would be opened in a new tab, and leave its type for a step to see. */
async function fetchInsteadOfOpening(url) {
    const answer = await browser.fetch(url);
    const content = await answer.text();
    document.body.dataset.printed = `${answer.status} ${content.slice(0, 5)}`;
}

tours.add("shipment_visibility_carriers_warehouse", {
    steps: () => [
        {
            content: "Validate the delivery",
            trigger: "button[name=button_validate]",
            run: "click",
        },
        {
            content: "It is done and has a tracking number",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
        },
        {
            content: "Look at the shipment",
            trigger: ".o_notebook a[name=shipment]",
            run: "click",
        },
        {
            trigger: ".o_shipment_timeline li[data-code=info_received]",
            run: () => {
                browser.open = fetchInsteadOfOpening;
            },
        },
        {
            content: "Print the label",
            trigger: "button[name=action_print_shipment_labels]",
            run: "click",
        },
        {
            content: "A PDF comes",
            trigger: "body[data-printed='200 %PDF-']",
        },
        {
            content: "Where the tracking number stands",
            trigger: ".o_notebook a[name=extra]",
            run: "click",
        },
        {
            content: "Cancel the label",
            trigger: "div[name=tracking] button[name=cancel_shipment]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The number is gone",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(div[name=tracking] button[name=cancel_shipment]))",
        },
        {
            trigger: ".o_notebook a[name=shipment]",
            run: "click",
        },
        {
            content: "And the timeline says so",
            trigger: ".o_shipment_timeline li:first-child[data-code=cancelled]",
        },
    ],
});

tours.add("shipment_visibility_carriers_connect", {
    steps: () => [
        {
            content: "Shipping connectors in Inventory's settings",
            trigger: "#shipment_carrier_accounts button",
            run: "click",
        },
        {
            trigger: ".o_list_button_add, .o-kanban-button-new",
            run: "click",
        },
        {
            content: "A name",
            trigger: ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit My sandbox",
        },
        {
            content: "The carrier to connect",
            trigger: ".o_field_widget[name=adapter] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(Sandbox Carrier)",
            run: "click",
        },
        {
            content: "It asks for this carrier's credentials",
            trigger: ".o_form_view:contains(API Key)",
        },
        {
            content: "Press Test",
            trigger: "button[name=action_test_connection]",
            run: "click",
        },
        {
            content: "The carrier answered",
            trigger: ".o_notification:contains(Connected):contains(Economy)",
        },
    ],
});
