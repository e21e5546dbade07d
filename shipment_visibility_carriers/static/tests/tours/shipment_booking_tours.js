import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("shipment_visibility_carriers_bulk", {
    steps: () => [
        {
            content: "Select all deliveries",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Open the actions",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "Book their labels",
            trigger: ".o-dropdown--menu .o_menu_item:contains(Book Labels)",
            run: "click",
        },
        {
            content: "It is done as far as it can be",
            trigger: ".o_form_view .progress-bar:contains(100 % done)",
        },
        {
            content: "The one that failed says why",
            trigger: ".o_data_row:contains(do not deliver to this address)",
        },
        {
            content: "Try it again, now that the address is right",
            trigger: "button[name=action_resume]",
            run: "click",
        },
        {
            content: "All have their label",
            trigger: ".o_form_view:not(:has(.text-danger)) .o_field_widget[name=booked_count]:contains(3)",
        },
        {
            trigger: "button[name=action_print]",
        },
    ],
});

tours.add("shipment_visibility_carriers_lost_booking", {
    steps: () => [
        {
            content: "The exception says what is not known",
            trigger: ".o_field_widget[name=reason]:contains(not known whether)",
        },
        {
            content: "It offers the choices",
            trigger: "button[name=action_booking_enter_number]",
        },
        {
            trigger: "button[name=action_booking_not_bought]",
        },
        {
            content: "The carrier says that nothing was booked",
            trigger: "button[name=action_booking_buy_again]",
            run: "click",
        },
        {
            content: "Are you sure?",
            trigger: ".modal:contains(paid for twice) .btn-primary",
            run: "click",
        },
        {
            content: "The question is answered",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(button[name=action_booking_buy_again]))",
        },
    ],
});
