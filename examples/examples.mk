# Examples that are run, so that they stay true.
EXAMPLE_JS := examples/javascript

.PHONY: example-javascript

example-javascript: $(STAMP) $(EXAMPLE_JS)/node_modules/.installed ## a typed JavaScript client against the mock (needs node)
	cd $(EXAMPLE_JS) && MOCKSERVER="$(abspath $(BIN))/mockserver" npm test

$(EXAMPLE_JS)/node_modules/.installed: $(EXAMPLE_JS)/package.json $(EXAMPLE_JS)/package-lock.json
	@command -v npm > /dev/null || { echo "make example-javascript needs node 20.19 or newer, with npm"; exit 1; }
	cd $(EXAMPLE_JS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
