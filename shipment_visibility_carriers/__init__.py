from . import adapters, controllers, models, wizards
from .hooks import uninstall_hook
