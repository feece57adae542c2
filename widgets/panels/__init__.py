"""The panels around the picture: layers, inspector, teach, jobs."""
