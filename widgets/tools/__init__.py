"""What the pointer does: gestures as generators. Neither Qt nor pixels on screen; they see plate pixels only."""
