library = np.ctypeslib.ctypes.pythonapi
