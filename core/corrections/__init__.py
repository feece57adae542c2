"""What artists corrected, kept for learning: a model's matte and the artist's, with the picture and the prompts.

A store is a plain folder of files that are written whole and never changed. Inside: `record` (what a pair says of
itself), `blob` (content-addressed arrays), `cutting` (a pair from a frame), `store` (the folder), `exchange` (one file
to carry pairs elsewhere), `upkeep` (is it whole; room given back). Knows neither layers' mattes nor learning.
The format and its reasons: docs/corrections.md.
"""
