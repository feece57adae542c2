"""Public networks that answer clicks and follow a thing through a shot. `families.json` names them."""
