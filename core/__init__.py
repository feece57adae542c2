"""What a shot is: geometry, EXR, color, plates, prompts, layers, mattes, the document.

The floor the others stand on. NumPy, OpenEXR, OpenColorIO and PyAV; no Qt, no torch.
"""
