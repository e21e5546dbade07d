import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// UPS's billing data has 250 columns and no header; positions are counted from 1.
function upsRow(cells) {
    const row = new Array(250).fill("");
    for (const [position, text] of Object.entries({ 3: "0000DEMO01", 36: "WWS", ...cells })) {
        row[position - 1] = text;
    }
    return row.join(",");
}

function charge(number, classification, code, words, amount, cells = {}) {
    const today = new Date();
    return upsRow({
        5: `${today.getMonth() + 1}/${today.getDate()}/${today.getFullYear() % 100}`,
        6: "000000DEMO0001",
        11: "32.60",
        21: number,
        35: "SHP",
        44: classification,
        45: code,
        46: words,
        53: amount,
        ...cells,
    });
}

function upload(selector, name, text) {
    const files = new DataTransfer();
    files.items.add(new File([text], name, { type: "text/csv" }));
    const input = document.querySelector(selector);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

tours.add("shipment_freight_import", {
    steps: () => [
        {
            content: "Begin with the file of the carrier",
            trigger: "button:contains(Import a File)",
            run: "click",
        },
        {
            content: "Upload it",
            trigger: ".o_form_view .o_field_widget[name=file] .o_select_file_button",
            run: () =>
                upload(
                    ".o_field_widget[name=file] input[type=file]",
                    "ups.csv",
                    [
                        charge("1ZTOUR0001", "FRT", "003", "Ground Commercial", "9.50"),
                        charge("1ZTOUR0001", "ACC", "RES", "Residential Surcharge", "3.10"),
                        charge("1ZNOBODYS1", "FRT", "003", "Ground Commercial", "20.00"),
                        charge("1ZTOUR0001", "FRT", "003", "Ground Commercial", "twelve", {
                            6: "000000DEMO0002",
                        }),
                    ].join("\n")
                ),
        },
        {
            content: "It is known by its name",
            trigger: ".o_field_widget[name=name] input:value(ups.csv)",
        },
        {
            trigger: ".o_form_view:not(:has(.o_form_saved)) button[name=action_import]",
            run: "click",
        },
        {
            content: "Three lines were found",
            trigger: ".o_field_widget[name=line_count]:contains(3)",
        },
        {
            content: "One row could not be read, and it is said which and why",
            trigger: ".o_field_widget[name=refusal_ids] .o_data_row:contains(4):contains(twelve)",
        },
        {
            content: "Look at what was found",
            trigger: "button[name=action_view_invoices]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(000000DEMO0001) td[name=name]",
            run: "click",
        },
        {
            content: "The surcharge is found wrong: the receiver is a business",
            trigger: ".o_field_widget[name=finding_ids] .o_data_row:contains(The receiver is a business):contains(3.10)",
        },
        {
            content: "One line names a parcel that nobody knows",
            trigger: ".oe_stat_button:contains(Unmatched)",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(1ZNOBODYS1) td[name=shipment_id]",
            run: "click",
        },
        {
            content: "Say whose it is",
            trigger: ".o_data_row .o_field_widget[name=shipment_id] input",
            run: "edit Tour shipment",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour shipment) a",
            run: "click",
        },
        {
            trigger: ".o_list_button_save:visible",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(:has(.o_selected_row)) td[name=shipment_id]:contains(Tour shipment)",
        },
    ],
});

tours.add("shipment_freight_decide", {
    steps: () => [
        {
            content: "A finding says why, and what is at stake",
            trigger: ".o_data_row:contains(TOUR2):contains(The receiver is a business):contains(5.00)",
        },
        {
            content: "One is not worth the trouble",
            trigger: ".o_data_row:contains(TOUR1) td[name=rule]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=freight_booked]:contains(8.00)",
        },
        {
            trigger: ".o_form_view button[name=action_accept]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Accepted)",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "The other is disputed",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(TOUR1))) .o_data_row:contains(TOUR2) .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_dispute]",
            run: "click",
        },
        {
            content: "It is a letter about exactly that",
            trigger: ".o_form_view .o_field_widget[name=amount]:contains(5.00)",
        },
        {
            trigger: "button[name=action_mark_sent]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Sent)",
        },
    ],
});

tours.add("shipment_freight_bill", {
    steps: () => [
        {
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            content: "It is said what approving means",
            trigger: ".modal:contains(What nobody has disputed will be paid) .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: "button[name=action_post]",
            run: "click",
        },
        {
            content: "One line for each family: what was accepted is on it, what is disputed is not",
            trigger: ".o_field_widget[name=invoice_line_ids] .o_data_row:contains(INV-1: Freight):contains(16.00)",
        },
        {
            trigger: ".o_field_widget[name=invoice_line_ids] .o_data_row:contains(INV-1: Residential):contains(2.00)",
        },
        {
            content: "It leads back to the carrier's invoice",
            trigger: "button[name=action_view_carrier_invoice]",
        },
        {
            trigger: ".o_arrow_button_current:contains(Posted)",
        },
    ],
});

tours.add("shipment_freight_accrue", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "What is booked and on no invoice",
            trigger: "button[name=action_compute]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Tour shipment):contains(Not Invoiced Yet):contains(8.00)",
        },
        {
            trigger: "button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Posted)",
        },
        {
            content: "The entry is in the books",
            trigger: "button[name=action_view_move]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(FR3000):contains(8.00)",
        },
    ],
});

tours.add("shipment_freight_margin", {
    steps: () => [
        {
            content: "What a carrier cost and earned",
            trigger: ".o_pivot tr:contains(Example Parcels):contains(12.00):contains(9.50):contains(2.50)",
        },
        {
            content: "Each shipment of it",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Tour shipment) td[name=variance]:contains(1.50)",
        },
    ],
});
