# Mock servers of others that serve the contracts, judged by the contract tests. Needs node.
STRANGERS := tests/strangers/npm

.PHONY: strangers

strangers: $(STAMP) $(STRANGERS)/node_modules/.installed ## the contract tests against Prism and Mockoon: all they say is true (needs node)
	$(BIN)/python -m pytest -n auto $(ARGS) $(STRANGERS)

$(STRANGERS)/node_modules/.installed: $(STRANGERS)/package.json $(STRANGERS)/package-lock.json
	@command -v npm > /dev/null || { echo "make strangers needs node 20.19 or newer, with npm"; exit 1; }
	cd $(STRANGERS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
