"""How the edge network is trained: on generated edges whose coverage is known exactly."""
