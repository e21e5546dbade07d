from . import label, manifest
