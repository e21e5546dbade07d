import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const CARRIER_MESSAGE = JSON.stringify({
    id: "msg-1",
    type: "tracking.updated",
    recipient: { name: "Ada Example", phone: "+32 4 000 00 00" },
    events: [
        {
            tracking_number: "SBX0000000000000001",
            event_id: "tour-1",
            code: "DLV",
            occurred_at: "2026-03-05T10:00:00+01:00",
            location: { city: "Liège", country: "BE" },
        },
    ],
});

// What the administrator has copied, and the carrier was given.
const known = { address: "", secret: "" };

/** Keep what the next click on a copy button puts on the clipboard. */
function copyAs(name) {
    browser.navigator.clipboard.writeText = async (text) => {
        known[name] = text;
        document.body.dataset[name] = "copied";
    };
}

/** Sign as the sandbox carrier does, and post to the address; leave the answer for a step. */
async function report(body, secret) {
    const encoder = new TextEncoder();
    const now = Math.floor(Date.now() / 1000);
    const key = await crypto.subtle.importKey(
        "raw",
        encoder.encode(secret),
        { name: "HMAC", hash: "SHA-256" },
        false,
        ["sign"]
    );
    const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(`${now}.${body}`));
    const hex = Array.from(new Uint8Array(digest), (byte) =>
        byte.toString(16).padStart(2, "0")
    ).join("");
    const response = await browser.fetch(new URL(known.address).pathname, {
        method: "POST",
        body,
        headers: { "X-Shipment-Signature": `t=${now},v1=${hex}` },
    });
    document.body.dataset.answer = response.status;
}

/** Go back to the list and open the endpoint again, to see what came in. */
const reopened = () => [
    { trigger: ".o_breadcrumb a:contains(Webhook Endpoints)", run: "click" },
    { trigger: ".o_list_view .o_data_cell:contains(Tour endpoint)", run: "click" },
    { trigger: ".o_form_view .o_field_widget[name=url]" },
];

tours.add("shipment_visibility_webhooks_endpoint", {
    steps: () => [
        {
            content: "Connect an endpoint",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour endpoint",
        },
        {
            trigger: ".o_field_widget[name=account_id] input",
            run: "edit Tour account",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour account):not(:contains(Create))",
            run: "click",
        },
        {
            content: "How this carrier signs is known",
            trigger: ".o_field_widget[name=assurance]:contains(Signed with time)",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Nothing has come in",
            trigger: ".o_notebook:contains(Nothing has arrived yet)",
            run: () => copyAs("address"),
        },
        {
            content: "Copy its address",
            trigger: ".o_field_widget[name=url] .o_clipboard_button",
            run: "click",
        },
        {
            trigger: "body[data-address=copied]",
        },
        {
            content: "See the secret, this once",
            trigger: "button[name=action_show_secret]",
            run: "click",
        },
        {
            trigger: ".modal .alert:contains(shown this once)",
            run: () => copyAs("secret"),
        },
        {
            trigger: ".modal .o_field_widget[name=secret] .o_clipboard_button",
            run: "click",
        },
        {
            trigger: "body[data-secret=copied] .modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "It is not shown again",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(button[name=action_show_secret]))",
        },
        {
            content: "Send a test event to the real address",
            trigger: "button[name=action_send_test]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(verified and stored) .o_notification_close",
            run: "click",
        },
        {
            content: "It was received and processed, and is known to be a test",
            trigger:
                ".o_field_widget[name=recent_receipt_ids] .o_data_row:contains(Done) td[name=is_trial] input:checked",
        },
        {
            content: "The carrier itself has not reported yet",
            trigger: ".o_field_widget[name=received_today]:contains(0)",
        },
        {
            content: "The carrier reports",
            trigger: ".o_form_view",
            run: () => report(CARRIER_MESSAGE, known.secret),
        },
        {
            content: "A stranger who does not know the secret tries, too",
            trigger: "body[data-answer='200']",
            run: () => report(CARRIER_MESSAGE, "forged"),
        },
        {
            trigger: "body[data-answer='401']",
        },
        ...reopened(),
        {
            content: "The page says what came in",
            trigger: ".o_field_widget[name=received_today]:contains(1)",
        },
        {
            trigger: ".o_field_widget[name=last_received_at]:not(:empty)",
        },
        {
            content: "And what was refused, and why",
            trigger: ".o_field_widget[name=refusal_summary]:contains('Wrong signature: 1')",
        },
        {
            content: "The message could not be read",
            trigger:
                ".o_field_widget[name=recent_receipt_ids] .o_data_row:contains(Dead Letter) td[name=reason]:contains(events)",
            run: "click",
        },
        {
            content: "Look inside",
            trigger: ".modal .alert:contains(not what the carrier documents)",
        },
        {
            trigger: ".modal .o_field_widget[name=message_text]:contains(SBX0000000000000001)",
        },
        {
            content: "Without whose parcel it is",
            trigger: ".modal .o_field_widget[name=message_text]:not(:contains(Ada))",
        },
        {
            content: "It can be read now: replay it",
            trigger: ".modal button[name=action_replay]",
            run: "click",
        },
        {
            content: "It is processed, and what it said is recorded",
            trigger: ".modal .o_arrow_button_current:contains(Done)",
        },
        {
            trigger: ".modal .nav-link:contains(Events)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=milestone_ids] .o_data_row:contains(Delivered)",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "Rotate the secret",
            trigger: "body:not(:has(.modal)) button[name=action_rotate_secret]",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=secret]",
        },
        {
            trigger: ".modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "Two secrets are valid",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=previous_secret_hint]:contains(ends in)",
        },
        {
            content: "So the carrier is not refused while it changes over",
            trigger: "button[name=action_remove_previous_secret]",
            run: () => report(CARRIER_MESSAGE.replace("msg-1", "msg-2"), known.secret),
        },
        {
            trigger: "body[data-answer='200']",
        },
        {
            content: "Afterwards the previous one is removed",
            trigger: "button[name=action_remove_previous_secret]",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_form_view:not(:has(button[name=action_remove_previous_secret]))",
            run: () => report(CARRIER_MESSAGE.replace("msg-1", "msg-3"), known.secret),
        },
        {
            content: "And opens nothing any more",
            trigger: "body[data-answer='401']",
        },
    ],
});
