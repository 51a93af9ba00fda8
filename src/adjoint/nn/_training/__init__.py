"""Training: batches, the loop over them, callbacks, and going on after a stop."""
