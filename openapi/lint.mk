# The contracts under the linters that other tools' users run. Needs node; everything else here needs only Python.
NODE_BIN       := node_modules/.bin
CONTRACT_FILES := $(wildcard openapi/*.yaml)
CONTRACT_TYPES := $(patsubst openapi/%.yaml,build/types/%.ts,$(CONTRACT_FILES))

export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

.PHONY: lint-contracts

lint-contracts: node_modules/.installed $(CONTRACT_TYPES) ## the contracts under Redocly, Spectral, openapi-typescript (needs node)
	$(NODE_BIN)/redocly lint $(CONTRACT_FILES)
	$(NODE_BIN)/spectral lint --fail-severity=hint $(CONTRACT_FILES)
	$(NODE_BIN)/tsc --noEmit --strict $(CONTRACT_TYPES)

node_modules/.installed: package.json package-lock.json
	@command -v npm > /dev/null || { echo "make lint-contracts needs node 20.19 or newer, with npm"; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

build/types/%.ts: openapi/%.yaml node_modules/.installed
	@mkdir -p $(@D)
	$(NODE_BIN)/openapi-typescript $< --output $@
