"""Generated pictures and short shots with exact coverage: what the embedded networks are trained on."""
