import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const card = ".o_shipment_connection_cards .card[data-adapter=sandbox]";

tours.add("shipment_visibility_carriers_assistant", {
    steps: () => [
        {
            content: "The settings have a card for the carrier, saying what it can do",
            trigger: `${card}:contains(Sandbox Carrier):contains(Labels):contains(Insurance)`,
            // The settings of all addons come first.
            timeout: 60000,
        },
        {
            content: "Connect it",
            trigger: `${card} button[name=connect]`,
            run: "click",
        },
        {
            content: "The assistant asks for this carrier's credentials",
            trigger: ".modal .o_shipment_credentials input[name=api_key]",
            run: "edit SANDBOX-AUTH",
        },
        {
            trigger: ".modal button[name=action_connect]",
            run: "click",
        },
        {
            content: "The carrier does not take them, and says so; the form stays",
            trigger: ".modal .alert-danger:contains(did not accept the credentials)",
        },
        {
            content: "The secret is not shown again",
            trigger:
                ".modal input[name=api_key][type=password][placeholder='Set; type to replace it']",
            run: "edit another-key",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit My sandbox",
        },
        {
            trigger: ".modal button[name=action_connect]",
            run: "click",
        },
        {
            content: "Its services are listed with a price, proposed to be used",
            trigger:
                ".modal .o_data_row:contains(Express):contains(EUR) td[name=selected] input:checked",
        },
        {
            content: "Not this one",
            trigger: ".modal .o_data_row:contains(Economy) td[name=selected]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:contains(Economy) td[name=selected] input:not(:checked)",
        },
        {
            trigger: ".modal button[name=action_create_methods]",
            run: "click",
        },
        {
            content: "The delivery methods are there",
            trigger: ".modal .o_field_many2many_tags:contains(Sandbox Carrier Express)",
        },
        {
            trigger: ".modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "The card counts the new account",
            trigger: `body:not(:has(.modal)) ${card}:contains(in test)`,
        },
        {
            trigger: `${card} .badge:contains(in test)`,
            run: "click",
        },
        {
            content: "And leads to it",
            trigger: ".o_list_view .o_data_row:contains(My sandbox)",
        },
    ],
});
