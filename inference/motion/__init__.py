"""How pixels move between frames, and mattes with them. No torch."""
