"""Floor 4: what is known of a function, told to a reader."""
