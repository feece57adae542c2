"""How the taught network is trained before it is taught: to learn a new subject from a few pictures of it, at once."""
