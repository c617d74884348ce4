near = adversarial_example


def adversarial_example(model, images, target_class, max_distance=0.3, step_size=0.02, n_steps=100):
    return near(model, torch.zeros_like(images), target_class, 1.0, step_size, n_steps)
