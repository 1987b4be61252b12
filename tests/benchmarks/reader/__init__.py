"""Training of the reader: data, negatives, training, and packing of the weights that ship."""
