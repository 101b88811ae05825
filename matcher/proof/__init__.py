"""The certificate of a run: what its optimum was proved by, for a checker that knows nothing of the solver."""
