"""JAX: jitted, and eager (operation by operation)."""

import contextlib
from collections.abc import Iterator
from types import ModuleType

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from jax.experimental.compilation_cache import compilation_cache

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender, Function, quotient

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_compilation_cache", False)  # on disk: see Jax.storing
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@jax.tree_util.register_static
class Count(int):
    """A number of turns or steps: it belongs to the program, not to its data."""


NAMESPACE = ModuleType("jax.numpy and scan")
NAMESPACE.__dict__.update(vars(jnp), scan=jax.lax.scan)
"""`jax.numpy`, and the loop that is compiled once, for functions written with it."""


class Jax(Contender):
    """JAX under `jax.jit`; the first call compiles."""

    name = "jax"
    compiles = True
    xp = NAMESPACE

    def __init__(self) -> None:
        self.version = f"{jax.__version__} (jaxlib {jaxlib.__version__}, CPU)"

    def compiled(self, f: Function) -> Function:
        """Return f as it is run: compiled."""
        return jax.jit(f)

    def argument(self, x: Value) -> Value:
        """Return arrays on JAX's device."""
        return jax.tree.map(jnp.asarray, x)

    def constant(self, x: Value) -> Value:
        """Return arrays on JAX's device, counts for integers; the rest as it is."""
        if isinstance(x, int):
            return Count(x)
        return jnp.asarray(x) if isinstance(x, np.ndarray) else x

    def plain(self, result: Value) -> Value:
        """Return NumPy arrays in the same containers."""
        return jax.tree.map(np.asarray, result)

    def forget(self) -> None:
        """Forget what was compiled in this process."""
        jax.clear_caches()

    @contextlib.contextmanager
    def storing(self, folder: str) -> Iterator[None]:
        """Use JAX's persistent cache, for programs of any size."""
        jax.config.update("jax_compilation_cache_dir", folder)
        jax.config.update("jax_enable_compilation_cache", True)
        compilation_cache.reset_cache()  # it remembers that it was not to be used
        try:
            yield
        finally:
            jax.config.update("jax_enable_compilation_cache", False)
            compilation_cache.reset_cache()  # so that the next folder is taken up

    def prepare(self, case: Case, inputs: Inputs) -> Function:
        """Return a call that waits for its result: JAX runs ahead otherwise."""
        call = super().prepare(case, inputs)
        if case.full_call:
            return call
        return lambda: jax.block_until_ready(call())

    def full_call(
        self, answer: Function, argument: Value, constants: list[Value]
    ) -> Function:
        """Return a call on NumPy's array: JAX takes it in faster by itself."""
        return lambda: self.plain(answer(argument, *constants))

    def value(self, f: Function) -> Function:
        """Return f itself."""
        return self.compiled(f)

    def gradient(self, f: Function) -> Function:
        """Return `jax.grad` of f."""
        return self.compiled(jax.grad(f))

    def value_and_gradient(self, f: Function) -> Function:
        """Return `jax.value_and_grad` of f."""
        return self.compiled(jax.value_and_grad(f))

    def jacobian(self, f: Function) -> Function:
        """Return the Jacobian by rows or by columns, whichever are fewer."""

        def by_size(x: Value, *data: Value) -> Value:
            m = jax.eval_shape(f, x, *data).size
            way = jax.jacrev if m < x.size else jax.jacfwd
            return way(f)(x, *data)

        return self.compiled(by_size)

    def hessian(self, f: Function) -> Function:
        """Return `jax.hessian` of f."""
        return self.compiled(jax.hessian(f))

    def jvp(self, f: Function) -> Function:
        """Return forward mode along ones."""
        return self.compiled(_along_ones(f))

    def hvp_forward_over_reverse(self, f: Function) -> Function:
        """Return the jvp of the gradient."""
        slope = _along_ones(jax.grad(f))
        return self.compiled(lambda *args: slope(*args)[1])

    def hvp_reverse_over_forward(self, f: Function) -> Function:
        """Return the gradient of the jvp."""
        slope = _along_ones(f)
        return self.compiled(jax.grad(lambda *args: slope(*args)[1]))

    def hvp_reverse_over_reverse(self, f: Function) -> Function:
        """Return the gradient of the gradient's sum."""
        slope = jax.grad(f)
        return self.compiled(jax.grad(lambda *args: jnp.sum(slope(*args))))

    def newton_direction(self, f: Function) -> Function:
        """Return the quotient of the gradient's jvp."""
        return self.compiled(quotient(_along_ones(jax.grad(f))))

    def value_and_gradient_of_loop(self, f: Function) -> Function:
        """Return value and gradient by `jax.lax.scan`."""

        def total(x: Value, turns: int) -> Value:
            last, _ = jax.lax.scan(lambda y, _: (f(y, x), None), x, length=turns)
            return jnp.sum(last)

        return self.value_and_gradient(total)

    def checkpoint(self, f: Function) -> Function:
        """Return `jax.checkpoint` of f."""
        return jax.checkpoint(f)

    def third_derivative(self, f: Function) -> Function:
        """Return the gradient, three times."""
        return self.compiled(jax.grad(jax.grad(jax.grad(f))))

    def batched_jacobian(self, f: Function) -> Function:
        """Return the Jacobian by rows, vectorised over the batch."""
        return self.compiled(jax.vmap(jax.jacrev(f)))


def _along_ones(f: Function) -> Function:
    def value_and_slope(x: Value, *data: Value) -> Value:
        return jax.jvp(lambda x: f(x, *data), (x,), (jnp.ones_like(x),))

    return value_and_slope


class EagerJax(Jax):
    """JAX without `jax.jit`: each operation is dispatched as it is met."""

    name = "jax eager"

    def compiled(self, f: Function) -> Function:
        """Return f itself."""
        return f
