import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("shipment_visibility_follow", {
    steps: () => [
        {
            content: "Delivered parcels too",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {
            trigger: ".o_data_row",
        },
        {
            content: "Look for a parcel by a part of its number",
            trigger: ".o_searchview_input",
            run: "edit TOUR 77",
        },
        {
            content: "Search among shipments and tracking numbers",
            trigger: ".o_searchview_autocomplete .o-dropdown-item:contains(TOUR 77)",
            run: "click",
        },
        {
            content: "Open the one that is found",
            trigger: ".o_data_row:only-of-type td[name=tracking_numbers]:contains(TOUR-77)",
            run: "click",
        },
        {
            content: "The shipment is delivered, and says who signed",
            trigger: ".o_field_widget[name=headline]:contains(Delivered)",
        },
        {
            trigger: ".o_shipment_timeline li[data-code=delivered]:contains(C. Exemple)",
        },
        {
            content: "Nothing is told twice",
            trigger: ".o_shipment_timeline:not(:has(li[data-code=picked_up] ~ li[data-code=picked_up]))",
        },
        {
            content: "Go to the delivery",
            trigger: "button[name=action_view_pickings]",
            run: "click",
        },
        {
            content: "The delivery tells the same without leaving the form",
            trigger: ".o_notebook a[name=shipment]",
            run: "click",
        },
        {
            trigger: ".o_shipment_timeline li[data-code=delivered]",
        },
        {
            content: "And leads back to the shipment",
            trigger: "button[name=action_view_shipments]:contains(Delivered)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=phase]",
        },
    ],
});

tours.add("shipment_visibility_portal", {
    steps: () => [
        {
            content: "The own shipment is there, and no other",
            trigger: ".o_shipment_list .list-group:not(:has(a + a)) a:contains(SHP/)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It reads as delivered",
            trigger: ".o_shipment_portal .badge:contains(Delivered)",
        },
        {
            content: "With the number and where it has been",
            trigger: ".o_shipment_portal li:contains(Delivered):contains(Lyon)",
        },
    ],
});

tours.add("shipment_visibility_portal_guest", {
    steps: () => [
        {
            content: "Times are told in the zone of the browser, not of the sender",
            trigger: ".o_shipment_zone:not(:contains(Antarctica/Troll))",
        },
        {
            content: "As text of the same form",
            trigger: ".o_shipment_timeline time:contains(:)",
        },
    ],
});
