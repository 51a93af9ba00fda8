"""Where the time and the memory of derivatives go: ``ad.profile``."""
