"""The embedded model that propagates and is taught; see `manifest.json` and `model.py`."""
