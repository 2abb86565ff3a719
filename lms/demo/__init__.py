"""A believable programme made from a seed: to look at, to try things out, to measure."""
