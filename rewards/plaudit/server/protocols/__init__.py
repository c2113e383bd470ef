"""One module per HTTP protocol: its request, its answer, its way of saying "no score"."""
