"""What functions of NumPy are to derivatives, where the registry cannot tell.

Three tables: functions whose derivative is zero by nature though they have an adapter
or none at all; functions without derivative, and why; functions that are differentiable
without a rule, since what they call has one, or since transforms follow them.

Names that the running NumPy does not have are passed over: it may be older or younger.
"""

from typing import Any

import numpy as np

from adjoint._numpy.catalogue import Kind, include, state

CONSTANT = {
    "it gives positions, orders or counts, which jump or stay": (
        "argmax argmin argpartition argsort argwhere count_nonzero digitize "
        "flatnonzero lexsort nanargmax nanargmin nonzero searchsorted "
        "linalg.matrix_rank"
    ),
    "it gives truth values, which jump or stay": (
        "all allclose any array_equal array_equiv isclose iscomplex iscomplexobj isin "
        "in1d isneginf isposinf isreal isrealobj isscalar iterable isfortran "
        "may_share_memory shares_memory"
    ),
    "it rounds": "around fix round",
    "it asks for the shape, not for the numbers": (
        "broadcast_shapes diag_indices_from einsum_path empty_like ndim ones_like "
        "shape size tril_indices_from triu_indices_from zeros_like"
    ),
    "it is made of counts alone": (
        "bartlett blackman diag_indices empty eye hamming hanning identity indices "
        "mask_indices ndindex ones tri tril_indices triu_indices zeros"
    ),
    "it takes positions or bits, which are integers": (
        "packbits ravel_multi_index unpackbits unravel_index"
    ),
    "it is an integer type": (
        "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 intp uintp longlong "
        "ulonglong long ulong intc uintc byte ubyte short ushort"
    ),
}

WITHOUT = {
    "it reads or writes files": (
        "DataSource fromfile fromregex genfromtxt load loadtxt memmap save savetxt "
        "savez savez_compressed"
    ),
    "it reads the bytes of other objects": "from_dlpack frombuffer fromstring",
    "it gives text": (
        "array2string array_repr array_str base_repr binary_repr "
        "format_float_positional format_float_scientific typename"
    ),
    "it gives a type, not a number": (
        "can_cast common_type dtype finfo iinfo isdtype issubdtype min_scalar_type "
        "mintypecode promote_types result_type"
    ),
    "it is an abstract type": (
        "character complexfloating flexible floating generic inexact integer number "
        "signedinteger unsignedinteger"
    ),
    "it is a type of what is no number": (
        "bytes_ datetime64 object_ record str_ timedelta64 void"
    ),
    "it is about dates": (
        "busday_count busday_offset busdaycalendar datetime_as_string datetime_data "
        "is_busday isnat"
    ),
    "it is a setting of NumPy, or tells one": (
        "errstate get_include get_printoptions getbufsize geterr geterrcall info "
        "printoptions set_printoptions setbufsize seterr seterrcall show_config "
        "show_runtime test linalg.test fft.test"
    ),
    "matrices have an arithmetic of their own: use arrays of two axes": (
        "asmatrix bmat matrix"
    ),
    "it is a container of fields, not of numbers": "recarray",
    "it is a class of NumPy's, made by its functions": (
        "broadcast flatiter ndarray ufunc"
    ),
    "it iterates with flags of its own: loop over np.ndindex(x.shape)": "nested_iters",
    "it is an error": "linalg.LinAlgError",
}

DIFFERENTIABLE = {
    "a conversion, in functions that transforms follow": (
        "float16 float32 float64 longdouble half single double complex64 complex128 "
        "clongdouble csingle cdouble"
    ),
    "it makes an array, in functions that transforms follow": (
        "arange array asanyarray asarray asarray_chkfinite ascontiguousarray "
        "asfortranarray fromiter full require"
    ),
    "it calls a function that transforms follow": (
        "apply_over_axes frompyfunc fromfunction vectorize"
    ),
    "it hands out elements one by one": "ndenumerate nditer",
    "it is written with functions that have rules": (
        "poly1d fft.fftfreq fft.rfftfreq row_stack"
    ),
    "it takes the elements from places that are constants": "partition",
    "a conversion; to integers and booleans it is a step": "astype",
    "a step of real numbers, with slope 0; of complex z it is z / |z|": "sign",
    "its window is a quotient of np.i0, in functions that transforms follow": "kaiser",
}


def _found(name: str) -> Any:
    """Return NumPy's object of a dotted name; None if this NumPy has none."""
    found: Any = np
    for part in name.split("."):
        found = vars(found).get(part)  # passes over what is deprecated
    return found


for _kind, _table in (
    (Kind.CONSTANT, CONSTANT),
    (Kind.WITHOUT, WITHOUT),
    (Kind.DIFFERENTIABLE, DIFFERENTIABLE),
):
    for _reason, _names in _table.items():
        for _name in _names.split():
            if _found(_name) is not None:
                state(_kind, _reason, _found(_name))

state(
    Kind.DIFFERENTIABLE,
    "the first element passes as it is; later steps jump or stay",
    *(np.floor_divide.reduce, np.floor_divide.accumulate, np.floor_divide.reduceat),
)

include("numpy", np)
include("numpy.linalg", np.linalg)
include("numpy.fft", np.fft)
include("numpy.emath", np.emath)
