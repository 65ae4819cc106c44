# The mock server; with --target contract-tests: the contract tests.
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv /opt/mockserver \
    && wheel="$(echo /wheels/*.whl)" \
    && /opt/mockserver/bin/pip install --no-cache-dir --constraint constraints.txt "${wheel}[redis,tls]"

FROM build AS build-contract-tests
RUN python -m venv /opt/contract-tests \
    && wheel="$(echo /wheels/*.whl)" \
    && /opt/contract-tests/bin/pip install --no-cache-dir --constraint constraints.txt "${wheel}[contract-tests]"

FROM python:3.11-slim AS contract-tests
COPY --from=build-contract-tests /opt/contract-tests /opt/contract-tests
ENV PATH=/opt/contract-tests/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /reports
ENTRYPOINT ["contract-tests"]

FROM python:3.11-slim
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MOCKSERVER_SERVE_HOST=0.0.0.0
USER 10001:10001
EXPOSE 4010
STOPSIGNAL SIGTERM
# Another port, path or scheme: MOCKSERVER_HEALTH_URL.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["mockserver", "health"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
