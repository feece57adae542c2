"""Models that nobody is offered: what the program is compared with, in the form of a model. See `app/bench/loop.py`."""
