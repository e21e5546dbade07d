from . import adapters, controllers, models, report, wizards
from .hooks import uninstall_hook
