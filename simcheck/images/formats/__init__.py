"""What is particular to one format: whether its data are whole, which page is the picture, what it declares."""
