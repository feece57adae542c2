"""The timeline: its scale, its lanes, and the painted widget."""
