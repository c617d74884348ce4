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
    # BEGIN SOLUTION
    targets = torch.as_tensor(target_class)
    check_arguments(images, targets, max_distance, step_size, n_steps)
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.enable_grad():
            return follow_gradient(
                model, images.detach(), targets.expand(len(images)), max_distance, step_size, n_steps
            )
    finally:
        for module, training in modes.items():
            module.training = training
    # END SOLUTION


# BEGIN SOLUTION
def follow_gradient(
    model: nn.Module, images: torch.Tensor, targets: torch.Tensor, max_distance: float, step_size: float, n_steps: int
) -> torch.Tensor:
    """The images after at most n_steps steps towards their targets, in evaluation mode."""
    lowest = (images - max_distance).clamp(min=0)
    highest = (images + max_distance).clamp(max=1)
    current = images.clone()
    for _ in range(n_steps):
        inputs = current.clone().requires_grad_()
        logits = model(inputs)
        check_classes(targets, logits.shape[1])
        missed = logits.argmax(dim=1) != targets
        if not missed.any():
            break
        loss = F.cross_entropy(logits, targets, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, inputs)
        stepped = current - step_size * gradient.sign()
        current[missed] = stepped.clamp(lowest, highest)[missed]
    return current


def check_arguments(
    images: torch.Tensor, targets: torch.Tensor, max_distance: float, step_size: float, n_steps: int
) -> None:
    # "not all inside" instead of "any outside", because NaN is neither
    if not ((images >= 0) & (images <= 1)).all():
        raise ValueError(f"images has pixels from {images.min():.4g} to {images.max():.4g}; all must be in [0, 1].")
    if targets.shape not in ((), (len(images),)):
        shape = tuple(targets.shape)
        raise ValueError(
            f"target_class has the shape {shape}; it must be one class, or one for each of {len(images)} images."
        )
    if not max_distance > 0:
        raise ValueError(f"max_distance is {max_distance}; it must be above 0.")
    if not step_size > 0:
        raise ValueError(f"step_size is {step_size}; it must be above 0.")
    if n_steps < 1:
        raise ValueError(f"n_steps is {n_steps}; it must be at least 1.")


def check_classes(targets: torch.Tensor, n_classes: int) -> None:
    if not ((targets >= 0) & (targets < n_classes)).all():
        raise ValueError(
            f"target_class has classes from {targets.min()} to {targets.max()}; the model has 0 to {n_classes - 1}."
        )


# END SOLUTION
