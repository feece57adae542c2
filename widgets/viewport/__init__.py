"""The picture on screen. `viewport.py` is the widget; what it draws with stands behind `surface.py`."""
