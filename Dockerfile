# The mock server; with --target contract-tests: the contract tests.
FROM python:3.11.14-slim-trixie AS build
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir --require-hashes --requirement locked/build.txt \
    && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m venv /opt/mockserver \
    && /opt/mockserver/bin/pip install --no-cache-dir --require-hashes --requirement locked/mockserver.txt \
    && /opt/mockserver/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM build AS build-contract-tests
RUN python -m venv /opt/contract-tests \
    && /opt/contract-tests/bin/pip install --no-cache-dir --require-hashes --requirement locked/contract-tests.txt \
    && /opt/contract-tests/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM python:3.11.14-slim-trixie AS contract-tests
COPY --from=build-contract-tests /opt/contract-tests /opt/contract-tests
ENV PATH=/opt/contract-tests/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /reports
ENTRYPOINT ["contract-tests"]

FROM python:3.11.14-slim-trixie
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MOCKSERVER_SERVE_HOST=0.0.0.0
USER 10001:10001
EXPOSE 4010
STOPSIGNAL SIGTERM
# Another port, path or scheme: MOCKSERVER_HEALTH_URL.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["mockserver", "health"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
