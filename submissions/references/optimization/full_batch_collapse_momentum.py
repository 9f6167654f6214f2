"""Gradient descent with heavy-ball momentum and weight decay."""

from submissions.baselines.optimization.full_batch_collapse import DECAY, descend

RATE, MOMENTUM = 0.03, 0.9


def fit(train, context):
    """Descend."""
    velocity = {name: 0 * W for name, W in train.items()}

    def step(name, W, slope):
        velocity[name] = MOMENTUM * velocity[name] + slope + DECAY * W
        return W - RATE * velocity[name]

    return descend(train, context, step)
