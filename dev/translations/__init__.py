"""The translations of the addons: exported from Odoo, merged into the languages we keep."""

from pathlib import Path

import polib

from dev import shell
from dev.environment import databases, paths

LANGUAGES = ("de", "es", "fr")
# Longer than any line: a changed word changes one line of the file.
WIDTH = 100_000

EXPORT = """
import io
from odoo.tools.translate import trans_export
templates = {}
for addon in given["names"]:
    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    templates[addon] = buffer.getvalue().decode()
answer(templates)
"""


def template_file(addon: str) -> Path:
    """Where an addon's ``.pot`` is."""
    return paths.ROOT / addon / "i18n" / f"{addon}.pot"


def language_file(addon: str, language: str) -> Path:
    """Where an addon's ``.po`` of a language is."""
    return paths.ROOT / addon / "i18n" / f"{language}.po"


def exported() -> dict[str, polib.POFile]:
    """What there is to translate in each addon, as Odoo itself exports it."""
    with databases.copied(databases.template(), "translations") as database:
        templates = shell.run(database, EXPORT, names=list(paths.ADDONS))
    return {addon: _parsed(text) for addon, text in templates.items()}


def _parsed(text: str) -> polib.POFile:
    template = polib.pofile(text, wrapwidth=WIDTH)
    for changing in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(changing, None)
    template.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    for entry in template:
        entry.occurrences.sort()
    return template


def renew() -> None:
    """Write each template, and let each language follow it; what is translated stays."""
    for addon, template in exported().items():
        template_file(addon).parent.mkdir(exist_ok=True)
        template.save(str(template_file(addon)))
        for language in LANGUAGES:
            _follow(template, language_file(addon, language), language)


def _follow(template: polib.POFile, file: Path, language: str) -> None:
    known = {}
    if file.exists():
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(file))}
    translated = polib.POFile(wrapwidth=WIDTH)
    translated.metadata = {**template.metadata, "Language": language}
    translated.header = template.header
    for entry in template:
        translated.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=known.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    translated.save(str(file))
