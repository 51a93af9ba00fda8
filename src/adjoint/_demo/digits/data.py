"""Real handwritten digits: the 1,797 images that come with scikit-learn."""

from dataclasses import dataclass

from adjoint._demo import optional
from adjoint._demo.arrays import FloatArray, IntArray

PURPOSE = "Learning from handwritten digits"
SIDE = 8
"""Pixels along one side of an image."""

CLASSES = 10
BRIGHTEST = 16.0


@dataclass(frozen=True, eq=False)
class Digits:
    """Images, one a row, of brightness 0 to 1, and the digits that they show.

    Attributes
    ----------
    images, held_back_images : ndarray, shape (n, 64)
        To learn from, and to be judged by.
    labels, held_back_labels : ndarray of int, shape (n,)
        What they show.
    """

    images: FloatArray
    labels: IntArray
    held_back_images: FloatArray
    held_back_labels: IntArray


def load() -> Digits:
    """Return the images, a fifth of each digit's held back.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    bundled = optional.load("sklearn.datasets", PURPOSE).load_digits()
    split = optional.load("sklearn.model_selection", PURPOSE).train_test_split
    images, held_back_images, labels, held_back_labels = split(
        bundled.data / BRIGHTEST,
        bundled.target,
        test_size=0.2,
        random_state=0,
        stratify=bundled.target,
    )
    return Digits(images, labels, held_back_images, held_back_labels)
