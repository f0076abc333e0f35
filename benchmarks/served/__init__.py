"""What benchmarks of pages serve: the product with one yardstick more."""
