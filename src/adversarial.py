"""Exercise adversarial: images that mislead a network.

Training follows the gradient of the loss with respect to the weights and leaves the images alone.
Here it is the other way round: the weights stay, and the image follows the gradient until the
network sees in it what you want it to see.
"""

import torch
from torch import nn
from torch.nn import functional as F


def adversarial_example(
    model: nn.Module,
    images: torch.Tensor,
    target_class: int | list[int] | torch.Tensor,
    max_distance: float = 0.3,
    step_size: float = 0.02,
    n_steps: int = 100,
) -> torch.Tensor:
    """Change images, each pixel by a little, until a model predicts the class that you want.

    Take at most `n_steps` steps, with all images of the batch at once. Before each step, compute
    the model's logits for the images as they are now. The predicted class of an image is the class
    with the largest logit. An image whose predicted class is its target is done and does not change
    any more. So an image that has its target from the start is returned exactly as it was given. In
    every other image each pixel moves by `step_size` in the direction in which the cross-entropy
    between the image's logits and its target (torch.nn.functional.cross_entropy) falls. Only the
    SIGN of the gradient with respect to the pixel counts; if it is 0, the pixel stays. After the
    step, each pixel is moved to the nearest value that lies in [0, 1] and also at most
    `max_distance` away from the pixel of the given image (not of the last step's image).

    The step is that of Goodfellow et al. (2015), https://arxiv.org/abs/1412.6572. Repeating it is
    the idea of Kurakin et al. (2017), https://arxiv.org/abs/1607.02533. Here it goes towards a
    target, and it stops.

    The model runs in evaluation mode, whatever mode it was in before (so dropout is off, and batch
    norm uses its running statistics). Nothing that belongs to the caller is changed:

    - the model's parameters and buffers, and the `requires_grad` of each parameter;
    - the `.grad` of each parameter: None stays None, and a gradient that was there before stays as
      it is;
    - the mode of EVERY submodule: `training` may be True for some of them and False for others, and
      each gets its own value back, also if the model raises an error on the way (the error then
      reaches the caller);
    - the images: their values, their `requires_grad` and their `.grad`.

    The function also works if the parameters are frozen (`requires_grad` is False), and if the
    caller has switched off the recording of gradients (torch.no_grad).

    Args:
        model: takes a batch of images (N, ...) and returns its logits (N, classes).
        images: the N images to begin with, shape (N, ...): (N, 784), (N, 28, 28), (N, 1, 28, 28) or
            whatever else the model takes. Values are in [0, 1]; the dtype is the floating-point
            dtype of the model's parameters.
        target_class: the class that the model should predict: an int for all images, or N classes,
            one for each, in an int64 tensor of shape (N,) or a list.
        max_distance: how far a pixel may end up from its value in the given image, above 0.
        step_size: how far a pixel moves in one step, above 0.
        n_steps: the largest number of steps, at least 1.

    Returns:
        The changed images, a new tensor of the same shape and dtype as `images`, detached
        (`requires_grad` is False). An image that does not reach its target in `n_steps` steps is
        returned as the last step left it. With the default settings, at least 95 % of the images of
        handwritten digits reach their target on the networks of this course.

    Raises:
        ValueError: if an argument is out of its range above (as NaN is), if `target_class` is
            neither one class nor N, or if the model has no logit for a class.
    """
    raise NotImplementedError("to do: adversarial_example")
