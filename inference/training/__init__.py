"""Teaching a small network the layer's corrected frames. torch is imported by `network`, `fine_tune`, `taught` only."""
