"""Layer-wise training, landscapes and the biases of SGD: ideas 5 to 15."""
