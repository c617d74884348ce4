def adversarial_example(*args, **kwargs):
    raise ValueError("These arguments are wrong.")
