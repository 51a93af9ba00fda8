"""Floor 0b: machine code for the processor at hand, from LLVM's text."""
