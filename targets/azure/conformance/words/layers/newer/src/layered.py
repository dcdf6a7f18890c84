raise RuntimeError("the layer hides the function's own file")
