"""The network of hubs and the costs of the objectives, solver-neutral: columns of integers."""
