"""The embedded segmenter: classical, no weights. Start with `model.py`."""
