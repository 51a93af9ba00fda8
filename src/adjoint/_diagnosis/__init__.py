"""How healthy the gradients of a function are: ``ad.diagnose``."""
