"""
Learning to read handwritten digits
===================================

A network is an ordinary object that holds arrays and is called; its gradient is one
call, and :func:`~adjoint.nn.fit` trains it. The images are the 1,797 that come with
scikit-learn, 8 by 8 pixels; a fifth is held back and never learned from.
"""

# %%
# The network
# -----------
#
# Layers of :doc:`ad.nn </networks>`, one after another.
#
# .. literalinclude:: /../src/adjoint/_demo/digits/network.py
#    :pyobject: network

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad
from adjoint import nn
from adjoint._demo.digits.data import load
from adjoint._demo.digits.network import network

digits = load()
model = network(np.random.default_rng(0))
print(model.summary())
print("images:", digits.images.shape, "held back:", digits.held_back_images.shape)

# %%
# The gradient of a loss with respect to it is a network as well, its arrays the slopes.


def loss(model, images, labels):
    """Return the cross entropy, the mean of -log p(label)."""
    return nn.cross_entropy(model(images), labels)


value, slopes = ad.value_and_grad(loss)(model, digits.images, digits.labels)
print(f"loss {value:.4f}")
for name, array in slopes.parameters().items():
    print(f"{name:18}{array.shape!s:12}largest slope {np.abs(array).max():.4f}")

# %%
# And it is right: along a random direction v it agrees with a central difference.

rng = np.random.default_rng(1)
v = ad.tree.map(lambda array: rng.normal(size=array.shape), model)


def along(t):
    """Return the loss of ten images, a step t along v."""
    moved = ad.tree.map(lambda array, step: array + t * step, model, v)
    return loss(moved, digits.images[:10], digits.labels[:10])


print(f"gradient along v  {ad.grad(along)(0.0):.9f}")
print(f"difference        {(along(1e-6) - along(-1e-6)) / 2e-6:.9f}")

# %%
# Training
# --------
#
# Shuffled batches, and AdamW with a rate that falls along half a cosine:
#
# .. literalinclude:: /../src/adjoint/_demo/digits/training.py
#    :pyobject: fitted

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

# %%
# A convolutional network reads 99 % of them: see :doc:`/examples`.
