"""A network of `adjoint.nn` that learns to read handwritten digits."""
