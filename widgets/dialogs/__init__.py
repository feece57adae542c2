"""Questions to the artist: export, color space, unsaved changes, keys."""
