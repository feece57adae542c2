"""People to learn from: MakeHuman's core assets (CC0), dressed, posed, lit and drawn here. No torch, no Qt."""
