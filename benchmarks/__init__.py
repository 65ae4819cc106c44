"""What `make bench` and `make mutants` run. Benchmarks report; they are no tests."""
