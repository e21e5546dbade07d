"""All checks of the project, in stages that can be run alone: ``make test STAGE=plain``."""
