"""Classes with workspaces: methods, properties, inheritance, small records."""

import collections
import dataclasses

import numpy as np

from .register import idiom

VECTOR = np.array([0.6, 1.4, -0.5])


class Relaxation:
    """A solver that allocates once and sweeps often."""

    def __init__(self, size):
        self.u = np.zeros(size)
        self.residual = np.zeros(size)
        self.sweeps = 0

    def sweep(self, source):
        """One sweep, both workspaces written by attribute."""
        self.residual[:] = source - self.u
        self.residual[1:] += 0.3 * self.u[:-1]
        self.u += 0.5 * self.residual
        self.sweeps += 1


SOLVER = Relaxation(3)


@idiom(VECTOR)
def workspace_in_attributes(x):
    """An object made inside, its arrays written by its methods."""
    solver = Relaxation(len(x))
    for _ in range(4):
        solver.sweep(x)
    return solver.u @ solver.u / solver.sweeps


@idiom(VECTOR)
def workspace_of_a_lasting_object(x):
    """An object of the module, its array reached under a second name."""
    u = SOLVER.u
    u[:] = x
    SOLVER.residual.fill(0.0)
    SOLVER.sweep(x**2)
    u[0] *= 2.0
    return np.sum(SOLVER.u * SOLVER.residual)


class Shape:
    """A base class."""

    scale = 1.0

    def __init__(self, lengths):
        self._lengths = np.asarray(lengths, dtype=float)

    @property
    def lengths(self):
        """The lengths, scaled."""
        return self.scale * self._lengths

    def measure(self):
        """The product of the lengths."""
        result = 1.0
        for length in self.lengths:
            result *= length
        return result


class Box(Shape):
    """A derived class with a class method and a static method."""

    scale = 1.5

    @classmethod
    def cube(cls, side):
        """All sides alike."""
        return cls([side, side, side])

    @staticmethod
    def rounded(side, radius):
        """A side without its corners."""
        return max(side - 2 * radius, 0.0)

    def measure(self):
        """The volume, and a tenth of the surface."""
        a, b, c = self.lengths
        return super().measure() + 0.2 * (a * b + b * c + c * a)


@idiom(0.8)
def inheritance(side):
    """super(), a property, a class method, a static method."""
    return Box.cube(side).measure() + Shape([side, Box.rounded(side, 0.1)]).measure()


@dataclasses.dataclass
class Rod:
    """A dataclass with a default and a field computed afterwards."""

    length: float
    stiffness: float = 2.0
    state: np.ndarray = dataclasses.field(init=False)

    def __post_init__(self):
        """Two numbers in an array."""
        self.state = np.array([self.length, self.stiffness])


@idiom(VECTOR)
def data_classes(x):
    """Instances replaced, and their arrays changed."""
    rod = Rod(x[0])
    rod.state[1] += x[1]
    other = dataclasses.replace(rod, length=rod.length * x[2])
    return rod.state @ other.state


Particle = collections.namedtuple("Particle", "place speed mass")  # noqa: PYI024 - as written


@idiom(VECTOR)
def named_tuples(x):
    """A list of named tuples, replaced one by one, unpacked in a loop."""
    particles = [Particle(v, 0.1 * k, 1.0 + k) for k, v in enumerate(x)]
    for i, particle in enumerate(particles):
        particles[i] = particle._replace(speed=particle.speed - 0.2 * particle.place)
    energies = np.zeros(len(particles))
    for i, (place, speed, mass) in enumerate(particles):
        energies[i] = 0.5 * mass * speed**2 + 0.5 * place**2
    return energies.sum() * energies[0]


class Layer:
    """A callable object with parameters and a cache of its last input."""

    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def __call__(self, inputs):
        """tanh(W x + b), the sum made in place."""
        self.last = inputs
        out = self.weights.dot(inputs)
        out += self.bias
        return np.tanh(out, out=out)


@idiom(np.array([[0.5, -0.3, 0.8], [0.1, 0.9, -0.4]]))
def callable_objects(weights):
    """Two layers applied one after another."""
    layers = [Layer(weights, np.array([0.1, -0.2])), Layer(weights.T, 0.3)]
    y = VECTOR
    for layer in layers:
        y = layer(y)
    return y.sum() + sum(np.sum(layer.last**2) for layer in layers)


class Complex:
    """A number type of one's own, with operators."""

    __slots__ = ("parts",)

    def __init__(self, re, im=0.0):
        self.parts = np.zeros(2)
        self.parts[0] = re
        self.parts[1] = im

    def __add__(self, other):
        return Complex(*(self.parts + other.parts))

    def __mul__(self, other):
        (a, b), (c, d) = self.parts, other.parts
        return Complex(a * c - b * d, a * d + b * c)

    def __abs__(self):
        return np.sqrt(np.sum(self.parts**2))


@idiom(0.35)
def operators_of_a_class(x):
    """An escape-time iteration with a number type of one's own."""
    c = z = Complex(-x, 0.2)
    while abs(z) < 2.0 and abs(z) > 0.3:
        z = z * z + c
    return abs(z) * z.parts[0]


class Countdown:
    """An iterator and a context manager around one buffer."""

    def __init__(self, values):
        self.buffer = np.array(values)
        self.left = len(values)

    def __enter__(self):
        self.buffer *= 2.0
        return self

    def __exit__(self, *_error):
        self.buffer[0] = 0.0

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.buffer[self.left]


@idiom(VECTOR)
def protocols_of_a_class(x):
    """with and for on an object that owns an array."""
    total = 0.0
    with Countdown(x) as values:
        for value in values:
            total = value + 0.5 * total**2
    return total + values.buffer.sum()


@idiom(VECTOR)
def class_inside_a_function(x):
    """A local class closes over x; private names; attributes set by name."""

    class Model:
        def __init__(self):
            self.__state = np.zeros(2)
            for i, name in enumerate(("slope", "shift")):
                setattr(self, name, x[i])

        def predict(self, t):
            self.__state[0] = self.slope * t
            self.__state[1] = getattr(self, "shift")  # noqa: B009 - the idiom itself
            return self.__state.sum()

    model = Model()
    return sum((model.predict(t) - x[2]) ** 2 for t in (0.0, 1.0, 2.0))
