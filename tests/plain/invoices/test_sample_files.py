"""A small file to read in each layout, the same that the generator makes."""

from pathlib import Path

import pytest

from dev import freight

from .peak import found

FOLDER = Path(freight.__file__).with_name("samples")
LINES, SEED = 12, 42
FILES = {
    "ups_billing": "ups_billing.csv",
    "fedex_billing": "fedex_billing.csv",
    "dhl_express": "dhl_express.csv",
    "x12_210": "x12_210.edi",
    "mapped": "mapped.csv",
}


@pytest.mark.parametrize("layout", freight.LAYOUTS)
def test_the_sample_of_each_layout_is_read_to_the_cent(layout, tmp_path):
    truth = freight.write(layout, tmp_path / "made", LINES, seed=SEED)
    assert (tmp_path / "made").read_bytes() == (FOLDER / FILES[layout]).read_bytes()
    assert found(layout, FOLDER / FILES[layout]) == truth
