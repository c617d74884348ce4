from grader.exercises.perceptrons import instruments

instruments.input_of = lambda layer, model, x: ((x - 500) / 288.7).astype(np.float32)
