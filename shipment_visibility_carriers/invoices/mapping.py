"""Which column of a file is what, as finance has said on screen."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...shipment_visibility.canonical.schema import CHARGE_FAMILIES
from .families import OTHER
from .reading.values import DATE_FORMATS

Target = Literal[
    "carrier",
    "account",
    "invoice_number",
    "invoice_date",
    "due_date",
    "invoice_total",
    "original_number",
    "currency",
    "tracking_number",
    "master_number",
    "reference_1",
    "reference_2",
    "reference_3",
    "category",
    "charge_code",
    "description",
    "amount",
    "gross",
    "tax",
    "service",
    "zone",
    "pieces",
    "entered_weight",
    "billed_weight",
    "length",
    "width",
    "height",
    "shipped_on",
    "delivered_on",
]
ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
ColumnNumber = Annotated[int, Field(ge=1, le=2000)]
NEEDED = ("account", "invoice_number", "currency", "amount")


class ColumnMapping(BaseModel):
    """How to read a file that no format knows. Saved as JSON, one a carrier and layout.

    :ivar columns: what -> the name in the header row, or the number of the column from 1.
    :ivar constants: what -> the same text for every row, where no column says it.
    :ivar header_row: row with the names; 0 without one, columns are numbers then.
    :ivar sheet: of a workbook; empty for the first.
    :ivar delimiter: empty to find it; so with ``encoding`` and ``decimal_mark``.
    :ivar families: code or description of a charge -> its family, capitals or not.
    :ivar other_family: of what ``families`` does not have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[Target, ColumnNumber | ColumnName]
    constants: dict[
        Literal["carrier", "account", "invoice_number", "currency"], str
    ] = {}
    header_row: int = Field(default=1, ge=0, le=100)
    sheet: str = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    encoding: Literal["", "utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16"] = ""
    decimal_mark: Literal["", ".", ","] = ""
    date_format: Literal[tuple(DATE_FORMATS)] = "y-m-d"
    weight_unit: Literal["kg", "g", "lb", "oz"] = "kg"
    length_unit: Literal["cm", "mm", "in"] = "cm"
    families: dict[str, Literal[CHARGE_FAMILIES]] = {}
    other_family: Literal[CHARGE_FAMILIES] = OTHER

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        missing = [
            each
            for each in NEEDED
            if each not in self.columns and not self.constants.get(each)
        ]
        if missing:
            raise ValueError("say which column is: " + ", ".join(missing))
        if not self.header_row:
            names = [each for each in self.columns.values() if isinstance(each, str)]
            if names:
                raise ValueError(
                    "without a header row columns are numbers, not: " + ", ".join(names)
                )
        return self
