"""JAX: jitted, and eager (operation by operation)."""

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np

from benchmarks.case import Case, Inputs, Value
from benchmarks.contenders.base import Contender, Function

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


class Jax(Contender):
    """JAX under `jax.jit`; the first call compiles."""

    name = "jax"
    xp = jnp

    def __init__(self) -> None:
        self.version = f"{jax.__version__} (jaxlib {jaxlib.__version__}, CPU)"

    def compiled(self, f: Function) -> Function:
        """Return f as it is run: compiled."""
        return jax.jit(f)

    def argument(self, x: Value) -> Value:
        """Return arrays on JAX's device."""
        return jax.tree.map(jnp.asarray, x)

    def constant(self, x: Value) -> Value:
        """Return arrays on JAX's device; Python numbers, lists of them as they are."""
        return jnp.asarray(x) if isinstance(x, np.ndarray) else x

    def plain(self, result: Value) -> Value:
        """Return NumPy arrays in the same containers."""
        return jax.tree.map(np.asarray, result)

    def forget(self) -> None:
        """Forget what was compiled in this process."""
        jax.clear_caches()

    def prepare(self, case: Case, inputs: Inputs) -> Function:
        """Return a call that waits for its result: JAX runs ahead otherwise."""
        call = super().prepare(case, inputs)
        return lambda: jax.block_until_ready(call())

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
