# The server in an image: `docker build -t ksbb-terbuka .`. docs/operations.md says how it is run.
# An index that needs a login: --secret id=pip,src=pip.conf, which stays out of the image and of its history.

ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/ksbb
ENV PATH=/opt/ksbb/bin:$PATH
WORKDIR /src
COPY build.lock requirements.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip install --require-hashes --only-binary :all: -r build.lock && \
    pip install --require-hashes --only-binary :all: --no-binary docopt --no-build-isolation -r requirements.lock
COPY . .
RUN pip install --no-deps --no-index --no-build-isolation . && pip uninstall --yes pip

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 ksbb && \
    useradd --uid 10001 --gid ksbb --home-dir /var/lib/ksbb --no-create-home --shell /usr/sbin/nologin ksbb && \
    install -d -o ksbb -g ksbb -m 0700 /var/lib/ksbb
COPY --from=build /opt/ksbb /opt/ksbb
COPY --chmod=0555 deploy/with-secrets /usr/local/bin/with-secrets
ENV PATH=/opt/ksbb/bin:$PATH PYTHONUNBUFFERED=1 KSBB_HOST=0.0.0.0 KSBB_PORT=8000 KSBB_DATA_DIR=/var/lib/ksbb
USER 10001:10001
WORKDIR /var/lib/ksbb
VOLUME /var/lib/ksbb
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
ENTRYPOINT ["with-secrets", "ksbb"]
CMD ["serve"]
