# The service alone. Data lives in the volume /data; settings are environment variables (see .env.example).
FROM node:22-slim AS page
WORKDIR /src
COPY app/channels/web/package.json app/channels/web/package-lock.json app/channels/web/.npmrc ./
RUN npm ci --ignore-scripts
COPY app/channels/web ./
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/cse
COPY requirements.lock .
RUN /opt/cse/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY --from=page /src/dist app/channels/web/dist
COPY tools tools
COPY prompts prompts
COPY knowledge knowledge
RUN /opt/cse/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /data cse
COPY --from=build /opt/cse /opt/cse
USER cse
WORKDIR /data
ENV PATH=/opt/cse/bin:$PATH PYTHONUNBUFFERED=1 CSE_DATA_DIR=/data CSE_HOST=0.0.0.0 CSE_PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"CSE_PORT\"]}/livez', timeout=4)"]
CMD ["cse", "serve"]
