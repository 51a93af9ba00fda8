"""
Learning to read handwritten digits
===================================

A neural network needs no library: it is a function of arrays, and its gradient with
respect to all of them is one call. The images are the 1,797 that come with
scikit-learn, 8 by 8 pixels; a fifth is held back and never learned from.
"""

# %%
# The network
# -----------
#
# Plain NumPy; no function knows that it will be differentiated. A network is a list of
# layers, a layer a dictionary of two arrays.
#
# .. literalinclude:: /../src/adjoint/_demo/digits/network.py
#    :pyobject: logits
#
# .. literalinclude:: /../src/adjoint/_demo/digits/network.py
#    :pyobject: logsumexp
#
# .. literalinclude:: /../src/adjoint/_demo/digits/network.py
#    :pyobject: cross_entropy
#
# .. literalinclude:: /../src/adjoint/_demo/digits/network.py
#    :pyobject: loss

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad
from adjoint._demo.digits.data import load
from adjoint._demo.digits.network import initial_layers, loss

digits = load()
layers = initial_layers([64, 128, 64, 10], np.random.default_rng(0))
print("images:", digits.images.shape, "held back:", digits.held_back_images.shape)

# %%
# Its gradient has its form: a list of dictionaries of arrays.

value, gradient = ad.value_and_grad(loss)(layers, digits.images, digits.labels, 1e-4)
print(f"loss {value:.4f}")
for layer in gradient:
    print({name: array.shape for name, array in layer.items()})

# %%
# And it is right: along a random direction v it agrees with a central difference.

rng = np.random.default_rng(1)
v = ad.tree.map(lambda array: rng.normal(size=array.shape), layers)


def along(t):
    """The loss of ten images, a step t along v."""
    moved = ad.tree.map(lambda array, step: array + t * step, layers, v)
    return loss(moved, digits.images[:10], digits.labels[:10], 1e-4)


print(f"gradient along v  {ad.grad(along)(0.0):.9f}")
print(f"difference        {(along(1e-6) - along(-1e-6)) / 2e-6:.9f}")

# %%
# Training
# --------
#
# Shuffled batches and Adam, written plainly as well:
#
# .. literalinclude:: /../src/adjoint/_demo/digits/training.py
#    :pyobject: Adam.moved
#    :dedent:

from adjoint._demo.digits.training import train

training = train(digits, seed=0)
count = digits.held_back_labels.size
print(f"{training.accuracy * count:.0f} of {count} held-back images read rightly")

# %%
# ``make demo`` trains from five initialisations. This is one of them:

from adjoint._demo.digits.picture import draw_curves, draw_images

draw_curves(plt.figure(figsize=(11, 4), layout="constrained"), [training])

# %%
# What it reads
# -------------
#
# Two rows of images that it reads rightly, and how sure it is; below, in red, every one
# that it misreads.

draw_images(plt.figure(figsize=(11, 6), layout="constrained"), training, digits)
