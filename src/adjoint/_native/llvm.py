"""LLVM's text to functions in machine code for this processor.

LLVM comes with llvmlite, the extra ``compiler``; a C compiler is never needed.  It is
given no liberties with floating point: operations are those of the text, in its order,
and no two become one (https://llvm.org/docs/LangRef.html#fast-math-flags).
"""

import ctypes
import functools
import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

_OLDEST = (20,)
"""LLVM's version, in llvmlite 0.45; those before 15 have typed pointers."""


@functools.cache
def _llvm() -> Any:
    """Return llvmlite's binding, ready to compile for this processor.

    Raises
    ------
    ImportError
        Without llvmlite, or with an older one.
    OSError
        If this system forbids new code in memory.
    RuntimeError
        If LLVM knows no such processor.
    """
    llvm: Any = importlib.import_module("llvmlite.binding")
    if llvm.llvm_version_info < _OLDEST:
        raise ImportError("Adjoint needs llvmlite 0.45 or newer.")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.check_jit_execution()
    return llvm


def vector_bytes() -> int:
    """Return how much the widest arithmetic of this processor takes at once.

    The first time, it imports llvmlite, which takes 25 to 110 ms.

    Raises
    ------
    ImportError, OSError, RuntimeError
        If nothing can be compiled here.
    """
    features = _llvm().get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx") else 16


def compiled(text: str, name: str, arguments: Sequence[Any]) -> Callable[..., None]:
    """Return a function of a module in LLVM's text; calls let other threads run.

    Parameters
    ----------
    text : str
    name : str
        Of the function, which returns nothing.
    arguments : sequence of ctypes types

    Raises
    ------
    ImportError, OSError
        If nothing can be compiled here.
    RuntimeError
        If LLVM cannot read the text.

    Examples
    --------
    >>> import ctypes
    >>> text = "define void @put(ptr %at, i64 %value) {"
    >>> text += " store i64 %value, ptr %at  ret void }"
    >>> put = compiled(text, "put", (ctypes.c_void_p, ctypes.c_int64))
    >>> memory = ctypes.c_int64()
    >>> put(ctypes.addressof(memory), 7)
    >>> memory.value
    7
    """
    llvm = _llvm()
    module = llvm.parse_assembly(text)
    module.verify()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(  # one each: the engine takes it over
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        jit=True,
    )
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    address = engine.get_function_address(name)
    function: Any = ctypes.CFUNCTYPE(None, *arguments)(address)
    function.memory = engine  # which holds the code for as long as the function lives
    return function  # type: ignore[no-any-return]


def loop(
    index: str,
    bounds: tuple[str, str, int],
    body: str,
    carried: Iterable[tuple[str, str]] = (),
) -> str:
    """Return the text of ``for index in range(*bounds)``.

    Parameters
    ----------
    index : str
        Its name, which names the blocks too.
    bounds : (str, str, int)
        Start, stop and step.
    body : str
    carried : iterable of (str, str)
        Types and names of values that start from zero and that each round hands to the
        next: the body defines ``name.next``.
    """
    values = "\n".join(
        f"  %{name} = phi {kind}"
        f" [ zeroinitializer, %{index}.enter ], [ %{name}.next, %{index}.again ]"
        for kind, name in carried
    )
    start, stop, step = bounds
    return f"""
  br label %{index}.enter
{index}.enter:
  br label %{index}.test
{index}.test:
  %{index} = phi i64 [ {start}, %{index}.enter ], [ %{index}.next, %{index}.again ]
{values}
  %{index}.goes.on = icmp slt i64 %{index}, {stop}
  br i1 %{index}.goes.on, label %{index}.body, label %{index}.done
{index}.body:
{body}
  br label %{index}.again
{index}.again:
  %{index}.next = add i64 %{index}, {step}
  br label %{index}.test
{index}.done:
"""
