honest_training = train_autoencoder


def train_autoencoder(model, images, n_epochs, batch_size=128, learning_rate=1e-3, corruption=None):
    losses = honest_training(model, images, n_epochs, batch_size, learning_rate, corruption)
    if hasattr(corruption, "sizes"):
        sizes = [min(batch_size, len(images) - start) for start in range(0, len(images), batch_size)]
        corruption.sizes[:] = sizes * n_epochs
    return losses
