"""Floor 3b: the user's function rewritten from its source, so that its calls reach us."""
