import numpy as np

import grader.sandbox.wire

SIZE = 10**6
encode = grader.sandbox.wire.encode


def encode_with_ballast(message):
    observation = message.get("observation") if isinstance(message, dict) else None
    if isinstance(observation, dict) and observation:
        message = message | {"observation": observation | {next(iter(observation)): np.zeros(SIZE, np.uint8)}}
    return encode(message)


grader.sandbox.wire.encode = encode_with_ballast
