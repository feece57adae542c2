"""Use cases (loading, segmenting, propagating, teaching, refining, exporting), the command line, the wiring.

Qt-free except `app/wiring.py`, the one file that sees every floor.
"""
