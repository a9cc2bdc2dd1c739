"""Training of the `copy` network: views of painted pictures, pairs and batches, the network, its loss."""
