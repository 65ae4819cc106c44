# Public documents that nobody here wrote. Needs npm to download them.
CORPUS := tests/corpus

.PHONY: corpus

corpus: $(STAMP) ## load the public OpenAPI documents of tests/corpus (needs npm)
	$(BIN)/python -m tests.corpus.gather
	$(BIN)/python -m pytest -n auto $(ARGS) $(CORPUS)
