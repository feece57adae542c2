"""Embedded models: each a folder with `manifest.json` and `model.py`, reached by the engine by name."""
