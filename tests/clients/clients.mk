# Clients that other people's generators make of the contracts, and Prism in front of the mock. Needs node and java.
CLIENTS := tests/clients

.PHONY: clients

clients: $(STAMP) $(CLIENTS)/node_modules/.installed $(CLIENTS)/.venv/.installed ## generated clients and Prism against the mock (needs node, java)
	$(BIN)/python -m pytest -n auto $(ARGS) $(CLIENTS)

$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@command -v npm > /dev/null || { echo "make clients needs node 20.19 or newer, with npm"; exit 1; }
	cd $(CLIENTS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(CLIENTS)/.venv/.installed: locked/clients.txt
	@command -v java > /dev/null || { echo "make clients needs java 11 or newer (Debian: apt-get install default-jre-headless)"; exit 1; }
	$(PYTHON) -m venv --clear $(CLIENTS)/.venv
	$(CLIENTS)/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
