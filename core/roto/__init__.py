"""Roto shapes: closed Bezier splines with key frames, their exact coverage, and how they are laid over a matte."""
