"""The embedded edge refiner: classical, no weights. Start with `model.py`."""
