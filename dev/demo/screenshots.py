"""Pictures of the running demo for the documentation, at desktop and phone width."""

import base64
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from dev.environment import paths

from . import booking_pictures, freight_pictures
from .data import CUSTOMER_LOGIN, FINANCE
from .story import Story

PAINTED = (
    "document.fonts.status === 'loaded' && [...document.images].every(i => i.complete)"
    " && !document.querySelector("
    "'.o_loading_indicator, .o-mail-Chatter-topbar button.o-mail-Chatter-sendMessage:disabled')"
)
SHIPMENT_TAB = ".o_notebook a[name=shipment]"
RULES = "shipment_visibility.shipment_rule_action"
IMPORTS = "shipment_visibility.shipment_event_import_action"
IMAGES = paths.ROOT / "docs" / "images"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ZONE = "Europe/Amsterdam"
# Who looks, at which width, at which pages.
Visit = tuple[str, dict[str, int], list[tuple]]
# A browser of the machine's own, which looks nothing up outside it.
BROWSER = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}


def take(story: Story) -> None:
    """Renew all pictures from a story that has been told.

    :raise playwright.sync_api.Error: a page does not show what it should.
    """
    IMAGES.mkdir(parents=True, exist_ok=True)
    _render_label(story)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**BROWSER)
        _render_mail(story, browser)
        _look(story, browser, _plan(story))
        with story.simulator.away():
            booking_pictures.prepare(story)
            _look(story, browser, _booking_plan(story))
        browser.close()


def _look(story: Story, browser: Browser, plan: Iterable[Visit]) -> None:
    for login, viewport, pictures in plan:
        with _page(browser, story.url, login, viewport) as page:
            for name, path, *steps, last in pictures:
                page.goto(story.url + path)
                for step in steps:
                    if isinstance(step, tuple):
                        page.fill(*step)
                    else:
                        page.click(step)
                page.wait_for_selector(last)
                page.wait_for_function(PAINTED)
                # In one go: a page that is drawn again keeps no element for long.
                page.eval_on_selector(last, "e => e.scrollIntoViewIfNeeded()")
                page.screenshot(path=IMAGES / f"{name}.png")


def _booking_plan(story: Story) -> Iterator[Visit]:
    yield "admin", DESKTOP, booking_pictures.desktop(story)
    yield "admin", PHONE, booking_pictures.phone(story)
    yield "admin", DESKTOP, booking_pictures.assistant()


def _plan(story: Story) -> Iterator[Visit]:
    """Who looks, at which width, at which pages.

    A page is its name, its path, what to click or to fill in, and at last what must be there.
    """
    admin = story.admin
    delivered = admin.search("shipment.shipment", [("headline", "=", "delivered")])[0]
    held = admin.search("shipment.exception", [("type_id.code", "=", "customs_hold")])
    held = admin.read("shipment.exception", held, "shipment_id")[0]["shipment_id"][0]
    lost = admin.search("shipment.exception", [("type_id.code", "=", "loss")])[0]
    release = admin.search("shipment.rule", [("effect", "=", "release_invoice")])[0]
    picking = admin.read("shipment.shipment", delivered, "picking_ids")[0][
        "picking_ids"
    ][0]
    account = story.demo.account
    timeline = ".o_shipment_timeline"
    # The list comes first: it makes Inventory the app that the next pages belong to.
    yield (
        "admin",
        DESKTOP,
        [
            (
                "shipments",
                "/odoo/shipments",
                ".o_facet_remove",
                ".o_data_row + .o_data_row",
            ),
            ("delivery-order", f"/odoo/deliveries/{picking}", SHIPMENT_TAB, timeline),
            ("shipment", f"/odoo/shipments/{delivered}", timeline),
            ("exception", f"/odoo/shipments/{held}", timeline),
            ("account", f"/odoo/carrier-accounts/{account}", ".o_form_view"),
            (
                "rates",
                f"/odoo/sales/{_quotation(story)}",
                "button[name=action_compare_rates]",
                ".modal .o_data_row",
            ),
            (
                "loss",
                f"/odoo/shipment-exceptions/{lost}",
                ".o_field_widget[name=claim_ids] .o_data_row",
            ),
            ("held-invoices", "/odoo/held-invoices", ".o_data_row"),
            ("rule", f"/odoo/action-{RULES}/{release}", ".o_form_view"),
            (
                "record-event",
                f"/odoo/shipments/{held}",
                "button:has-text('Record an Event')",
                ".modal .o_field_widget[name=code]",
            ),
            (
                "event-import",
                f"/odoo/action-{IMPORTS}/{_imported(story)}",
                ".o_form_view .o_data_row",
            ),
        ],
    )
    yield (
        "admin",
        PHONE,
        [
            ("shipments-phone", "/odoo/shipments", ".o_kanban_view, .o_list_view"),
            (
                "delivery-order-phone",
                f"/odoo/deliveries/{picking}",
                SHIPMENT_TAB,
                timeline,
            ),
            ("shipment-phone", f"/odoo/shipments/{delivered}", timeline),
        ],
    )
    yield FINANCE, DESKTOP, freight_pictures.desktop(story)
    yield FINANCE, PHONE, freight_pictures.phone(story)
    portal = [
        ("portal", f"/my/shipments/{delivered}", ".o_shipment_portal"),
        ("portal-list", "/my/shipments", ".o_shipment_list"),
    ]
    yield CUSTOMER_LOGIN, DESKTOP, portal
    yield CUSTOMER_LOGIN, PHONE, [(f"{name}-phone", *rest) for name, *rest in portal]


def _imported(story: Story) -> int:
    """A file of events of which one line cannot be right."""
    admin = story.admin
    # What is said of a parcel that is lost changes none of the other pictures.
    number = admin.find(
        "shipment.package",
        [("shipment_id.headline", "=", "lost")],
        "tracking_number",
    )[0]["tracking_number"]
    lines = (
        "carrier,tracking_number,milestone,occurred_at,city,text",
        f"sandbox,{number},Arrived,2026-03-02T14:05+01:00,Lyon,Arrived at the depot",
        "sandbox,SBX9999999999999999,Picked up,2026-03-02 09:00,Lyon,",
        f"sandbox,{number},Delivered,2026-02-31,Lyon,At the door",
    )
    content = base64.b64encode("\n".join(lines).encode()).decode()
    imported = admin.create("shipment.event.import", name="events.csv", file=content)
    admin.call("shipment.event.import", "action_import", [imported])
    return imported


def _render_mail(story: Story, browser) -> None:
    """Draw the mail that tells the customer of the delivery, at the width of a phone."""
    admin = story.admin
    template = admin.search("mail.template", [("name", "=", "Shipment: delivered")])[0]
    delivered = admin.search("shipment.shipment", [("headline", "=", "delivered")])[0]
    mail = admin.call("mail.template", "send_mail", [template], delivered)
    body = admin.read("mail.mail", mail, "body_html")[0]["body_html"]
    page = browser.new_page(viewport={"width": 640, "height": 400})
    page.goto(story.url)  # so that addresses of pictures are found
    page.set_content(body)
    page.wait_for_function(PAINTED)
    page.screenshot(path=IMAGES / "mail.png", full_page=True)
    page.close()


def _render_label(story: Story) -> None:
    """Draw a label as the printer would."""
    package = story.admin.find(
        "shipment.package", [("label_id", "!=", False)], "label_id", limit=1
    )[0]
    content = story.admin.get(f"/web/content/{package['label_id'][0]}").content
    subprocess.run(
        ["pdftoppm", "-r", "110", "-png", "-singlefile", "-", str(IMAGES / "label")],
        input=content,
        check=True,
    )


def _quotation(story: Story) -> int:
    """A quotation whose delivery is still to be chosen."""
    admin = story.admin
    sold = admin.search("sale.order", [("picking_ids", "!=", False)], limit=1)
    return admin.call("sale.order", "copy", sold, {"carrier_id": False})[0]


@contextmanager
def _page(browser, url: str, login: str, viewport: dict) -> Iterator[Page]:
    context = browser.new_context(viewport=viewport, locale="en-US", timezone_id=ZONE)
    page = context.new_page()
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_url(lambda address: "/web/login" not in address)
    yield page
    context.close()
