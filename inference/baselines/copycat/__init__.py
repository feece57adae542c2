"""CopyCat's recipe, as a model."""
