"""What the artist sees and touches. Qt; no torch, and nothing of the engine: it knows `core` only."""
