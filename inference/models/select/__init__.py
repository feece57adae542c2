"""The learned segmenter: a network of our own that looks at a picture once and answers clicks from what it saw."""
