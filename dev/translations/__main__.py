"""Renew the translation templates and say what is left to translate."""

import polib

from dev.environment import paths

from . import LANGUAGES, language_file, renew


def main() -> None:
    """Renew all files, then count."""
    renew()
    for addon in paths.ADDONS:
        for language in LANGUAGES:
            terms = polib.pofile(str(language_file(addon, language)))
            left = len(terms.untranslated_entries())
            print(f"{addon:<30}{language}  {len(terms)} terms, {left} to translate")


if __name__ == "__main__":
    main()
