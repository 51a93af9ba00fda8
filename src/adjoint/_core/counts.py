"""Whether reference counts tell who holds an array, so that it may be written in place.

On free-threaded builds of Python they do not, also where its global lock is switched on
again: there every such write goes into a copy.
"""

import sys

EXACT_COUNTS = "free-threading" not in sys.version
