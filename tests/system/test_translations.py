"""The templates name every text there is: as Odoo itself exports them."""

import polib

from dev.translations import exported, template_file


def test_the_templates_are_complete():
    for addon, template in exported().items():
        kept = {entry.msgid for entry in polib.pofile(str(template_file(addon)))}
        assert kept == {entry.msgid for entry in template}, (
            f"{addon}: run make translations and translate what is new"
        )
