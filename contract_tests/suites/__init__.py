"""What `pytest --pyargs contract_tests` collects."""
