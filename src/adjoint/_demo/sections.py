"""The sections of the demonstration, in the order in which they run."""

from adjoint._demo.constrained.section import SECTION as CONSTRAINED
from adjoint._demo.digits.section import SECTION as DIGITS
from adjoint._demo.nist.section import SECTION as NIST
from adjoint._demo.section import Section
from adjoint._demo.textbook.section import SECTION as TEXTBOOK

SECTIONS: tuple[Section, ...] = (TEXTBOOK, CONSTRAINED, NIST, DIGITS)
