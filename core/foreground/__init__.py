"""The foreground of a layer: the color its subject has, for the comp, where the plate's would show a fringe.

Inside: `steps` (what is done, as small authored values in an order), `commands` (the undoable edit), `estimate`,
`despill`, `extend` (the pixels of each step), `making` (a whole picture after all steps).
Nothing of it touches the matte. Knows no Qt, no engine, no files.
"""
