__name__ = "__main__"
if __name__ == "__main__":
    import math

    pi = math.pi
__name__ = "src.numpy_mlp"
