# What containers and pipelines are told, under linters that need neither.
.PHONY: lint-containers

lint-containers: $(STAMP) ## the Dockerfile, compose.yaml and the examples for CI under their linters
	$(BIN)/hadolint --failure-threshold style Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows examples/ci/github-actions.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci examples/ci/gitlab-ci.yml
