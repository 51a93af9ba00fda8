"""The sections of the demonstration, in the order in which they run."""

from adjoint._demo.constrained.section import SECTION as CONSTRAINED
from adjoint._demo.digits.section import SECTION as DIGITS
from adjoint._demo.methods.section import SECTION as METHODS
from adjoint._demo.nist.section import SECTION as NIST
from adjoint._demo.section import Section
from adjoint._demo.traces.section import SECTION as TRACES

SECTIONS: tuple[Section, ...] = (TRACES, METHODS, CONSTRAINED, NIST, DIGITS)
