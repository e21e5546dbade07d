"""Every text of the addons in every language that is kept, with its placeholders."""

import re

import polib
import pytest

from dev.environment import paths
from dev.translations import LANGUAGES, language_file, template_file

# What stands for something else, and the marks of a page.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|\{\w+\}|</?\w+")

FILES = [(addon, language) for addon in paths.ADDONS for language in LANGUAGES]


@pytest.mark.parametrize(("addon", "language"), FILES)
def test_every_term_is_translated(addon, language):
    translated = polib.pofile(str(language_file(addon, language)))
    template = polib.pofile(str(template_file(addon)))
    assert {entry.msgid for entry in translated} == {entry.msgid for entry in template}
    assert [entry.msgid for entry in translated.untranslated_entries()] == []


@pytest.mark.parametrize(("addon", "language"), FILES)
def test_a_translation_keeps_what_stands_for_something(addon, language):
    for entry in polib.pofile(str(language_file(addon, language))):
        kept = sorted(PLACEHOLDER.findall(entry.msgstr))
        assert kept == sorted(PLACEHOLDER.findall(entry.msgid)), entry.msgid
