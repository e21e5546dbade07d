"""What the story happens to: obvious demo data, made through ordinary calls."""

from dev.client import Client

PRODUCTS = (
    # name, sales price, weight in kg, HS code, country of origin
    ("Oak desk lamp", 89.0, 1.4, "9405.21", "NL"),
    ("Wool blanket", 64.0, 1.1, "6301.20", "PT"),
    ("Stoneware set, 12 pieces", 129.0, 6.5, "6912.00", "PT"),
    ("Linen cushion", 29.0, 0.4, "9404.90", "FR"),
)

CUSTOMERS = {
    "lyon": {
        "name": "Maison Exemple SARL",
        "street": "12 rue de la République",
        "city": "Lyon",
        "zip": "69002",
        "country": "FR",
        "phone": "+33 4 72 00 00 00",
        "email": "reception@maison-exemple.example",
    },
    "zurich": {
        "name": "Beispiel Handels AG",
        "street": "Bahnhofstrasse 1",
        "city": "Zürich",
        "zip": "8001",
        "country": "CH",
        "phone": "+41 44 000 00 00",
        "email": "einkauf@beispiel-handel.example",
    },
    "utrecht": {
        "name": "Voorbeeld Winkel BV",
        "street": "Oudegracht 100",
        "city": "Utrecht",
        "zip": "3511 AX",
        "country": "NL",
        "phone": "+31 30 000 0000",
        "email": "inkoop@voorbeeld-winkel.example",
    },
    # Nothing can be sent there: the postal code is missing.
    "madrid": {
        "name": "Tienda Ejemplo SL",
        "street": "Calle de Alcalá 20",
        "city": "Madrid",
        "country": "ES",
        "phone": "+34 910 000 000",
        "email": "compras@tienda-ejemplo.example",
    },
}

COMPANY = {
    "name": "Parcel Demo Company",
    "street": "Wilhelminakade 1",
    "city": "Rotterdam",
    "zip": "3072 AP",
    "country": "NL",
    "tz": "Europe/Amsterdam",
    "phone": "+31 10 000 0000",
    "email": "warehouse@parcel-demo.example",
}

ANTWERP = {
    "name": "Parcel Demo Antwerp",
    "street": "Kattendijkdok 5",
    "city": "Antwerpen",
    "zip": "2000",
    "country": "BE",
    "tz": "Europe/Brussels",
    "phone": "+32 3 000 00 00",
    "email": "antwerp@parcel-demo.example",
}

PACKER = "packer"
FINANCE = "finance"
CUSTOMER_LOGIN = "customer"


class Demo:
    """The records of the story, by name."""

    def __init__(self, admin: Client):
        self.admin = admin
        self.products: list[int] = []
        self.customers: dict[str, int] = {}
        self.warehouses: list[int] = []
        self.methods: dict[str, int] = {}
        self.account = 0
        self.harbour = 0
        self.product = 0

    def create(self) -> None:
        """Create the company's data, two warehouses, the catalogue, customers and users."""
        self._company()
        self._catalogue()
        self.customers = {
            key: self._partner(values) for key, values in CUSTOMERS.items()
        }
        self._users()

    def _company(self) -> None:
        company = self.admin.find("res.company", [], "partner_id", limit=1)[0]
        partner = company["partner_id"][0]
        self.admin.call("res.partner", "write", [partner], self._address(COMPANY))
        self.admin.call(
            "res.company",
            "write",
            [company["id"]],
            {"name": COMPANY["name"], "currency_id": self._euro()},
        )
        first = self.admin.search("stock.warehouse", [], limit=1)
        self.admin.call("stock.warehouse", "write", first, {"name": "Rotterdam"})
        second = self.admin.create(
            "stock.warehouse",
            name="Antwerp",
            code="ANT",
            partner_id=self._partner(ANTWERP),
        )
        self.warehouses = [*first, second]

    def _euro(self) -> int:
        euro = self.admin.search(
            "res.currency", [("name", "=", "EUR"), ("active", "in", [True, False])]
        )
        self.admin.call("res.currency", "write", euro, {"active": True})
        price_lists = self.admin.search("product.pricelist", [])
        self.admin.call(
            "product.pricelist", "write", price_lists, {"currency_id": euro[0]}
        )
        return euro[0]

    def _catalogue(self) -> None:
        for name, price, weight, hs_code, origin in PRODUCTS:
            product = self.admin.create(
                "product.product",
                name=name,
                list_price=price,
                weight=weight,
                is_storable=True,
                invoice_policy="delivery",
                hs_code=hs_code,
                country_of_origin=self._country(origin),
            )
            self.products.append(product)
        for warehouse in self.admin.read(
            "stock.warehouse", self.warehouses, "lot_stock_id"
        ):
            quants = [
                self.admin.create(
                    "stock.quant",
                    product_id=product,
                    location_id=warehouse["lot_stock_id"][0],
                    inventory_quantity=100,
                )
                for product in self.products
            ]
            self.admin.call("stock.quant", "action_apply_inventory", quants)

    def _users(self) -> None:
        self._user(PACKER, "Packing Bench", "stock.group_stock_user")
        self._user(FINANCE, "Accounts Payable", "account.group_account_manager")
        self._user(
            CUSTOMER_LOGIN,
            CUSTOMERS["lyon"]["name"],
            "base.group_portal",
            partner_id=self.customers["lyon"],
        )

    def _user(self, login: str, name: str, group: str, **values: object) -> None:
        self.admin.call(
            "res.users",
            "create",
            [
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "group_ids": [(6, 0, [self.admin.reference(group)])],
                    **values,
                }
            ],
            context={"no_reset_password": True},
        )

    def connect_carrier(self, webhook_secret: str) -> str:
        """Connect the sandbox carrier with three delivery methods; return its webhook path."""
        self.account = self.admin.create(
            "shipment.carrier.account", name="Sandbox Carrier", adapter="sandbox"
        )
        for service in ("economy", "standard", "express"):
            name = f"Sandbox {service.capitalize()}"
            self._method(name, self.account, service)
        endpoint = self.admin.create(
            "shipment.webhook.endpoint",
            name="Sandbox Carrier",
            account_id=self.account,
            new_secret=webhook_secret,
        )
        return self.admin.read("shipment.webhook.endpoint", endpoint, "url")[0]["url"]

    def connect_harbour(self, address: str) -> None:
        """Connect a carrier behind HTTP, which cannot say what was booked with it."""
        self.harbour = self.admin.create(
            "shipment.carrier.account",
            name="Harbour Courier",
            adapter="sandbox",
            timeout=2,
            credentials={"base_url": address, "lookup": False},
        )
        self._method("Harbour Parcel", self.harbour, "standard")

    def add_selection_rule(self) -> str:
        """Have the fastest method taken for one country; return the rule's name."""
        name = "Switzerland waits for nothing"
        self.admin.create(
            "shipment.selection.rule",
            name=name,
            country_ids=[(6, 0, [self._country("CH")])],
            policy="fastest",
        )
        return name

    def set_harbour(self, trouble: str) -> None:
        """Have the second carrier make trouble with every booking, or none."""
        credentials = self.admin.read(
            "shipment.carrier.account", self.harbour, "credentials"
        )[0]["credentials"]
        self.admin.call(
            "shipment.carrier.account",
            "write",
            [self.harbour],
            {"credentials": {**credentials, "api_key": trouble or "harbour"}},
        )

    def set_freight_policy(self) -> None:
        """Say who sends the carrier's bills, and to which accounts its freight is posted."""
        carrier = self.admin.read(
            "shipment.carrier.account", self.account, "carrier_id"
        )[0]["carrier_id"][0]
        vendor = self._partner(
            {
                "name": "Sandbox Carrier BV",
                "city": "Rotterdam",
                "country": "NL",
                "email": "billing@sandbox-carrier.example",
            }
        )
        self.admin.call("shipment.carrier", "write", [carrier], {"vendor_id": vendor})
        policy = self.admin.call("shipment.freight.policy", "action_open")["res_id"]
        values = {
            "accrual_account_id": self._account(
                "480100", "Freight Not Invoiced Yet", "liability_current"
            ),
            "accrual_journal_id": self.admin.search(
                "account.journal", [("type", "=", "general")], limit=1
            )[0],
            "account_ids": [
                (0, 0, {"family": family, "account_id": account})
                for family, account in (
                    (
                        False,
                        self._account("620100", "Freight Out", "expense_direct_cost"),
                    ),
                    (
                        "duty",
                        self._account("620200", "Customs Duty", "expense_direct_cost"),
                    ),
                )
            ],
            "tolerance_ids": [(0, 0, {"amount": 0.25})],
        }
        self.admin.call("shipment.freight.policy", "write", [policy], values)

    def _account(self, code: str, name: str, kind: str) -> int:
        return self.admin.create(
            "account.account", code=code, name=name, account_type=kind
        )

    def book_later(self, warehouse: int) -> None:
        """Have deliveries of a warehouse validated first, and their labels booked later."""
        outgoing = self.admin.read("stock.warehouse", warehouse, "out_type_id")[0]
        self.admin.call(
            "stock.picking.type",
            "write",
            [outgoing["out_type_id"][0]],
            {"print_label": False},
        )

    def _method(self, name: str, account: int, service: str) -> None:
        if not self.product:
            self.product = self.admin.create(
                "product.product", name="Delivery", type="service", list_price=0.0
            )
        self.methods[name] = self.admin.create(
            "delivery.carrier",
            name=name,
            delivery_type="shipment_visibility",
            shipment_account_id=account,
            shipment_service=service,
            product_id=self.product,
            integration_level="rate_and_ship",
            invoice_policy="estimated",
        )

    def _partner(self, values: dict[str, str]) -> int:
        return self.admin.create("res.partner", **self._address(values))

    def _address(self, values: dict[str, str]) -> dict[str, object]:
        return {
            **{key: value for key, value in values.items() if key != "country"},
            "country_id": self._country(values["country"]),
            "is_company": True,
        }

    def _country(self, code: str) -> int:
        return self.admin.search("res.country", [("code", "=", code)])[0]
