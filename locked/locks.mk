# The locked versions: one resolution for all files, on every platform. Only `make locks` needs uv.
LOCKS := build/locks
CLIENT_NEEDS := mypy openapi-generator-cli openapi-python-client pydantic python-dateutil urllib3

# $(1): the file, $(2): what it locks, $(3): requirements and options of uv
define lock
{ echo "# Exact versions with hashes of $(2). Written by: make locks"; \
	$(LOCKS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(3); \
	} > $(LOCKS)/new && mv $(LOCKS)/new $(1)
endef

.PHONY: locks

locks: ## renew constraints.txt and locked/*.txt: the newest versions, with their hashes
	$(PYTHON) -m venv --clear $(LOCKS)
	$(LOCKS)/bin/pip install --quiet --disable-pip-version-check uv
	$(call lock,constraints.txt,everything that make install takes,--all-extras pyproject.toml)
	$(call lock,locked/mockserver.txt,what the image of the mock server holds,--constraint constraints.txt --extra redis --extra tls pyproject.toml)
	$(call lock,locked/contract-tests.txt,what the image of the contract tests holds,--constraint constraints.txt --extra contract-tests pyproject.toml)
	echo hatchling > $(LOCKS)/build.in
	$(call lock,locked/build.txt,what builds the package,--constraint constraints.txt $(LOCKS)/build.in)
	printf '%s\n' $(CLIENT_NEEDS) > $(LOCKS)/clients.in
	$(call lock,locked/clients.txt,the generators of Python clients and of what these clients need,$(LOCKS)/clients.in)
