# The dashboard, for hosting: `docker build -t contrapposto .` from the repository's root.
# It serves other machines, so it refuses to start until a login is configured
# (CONTRAPPOSTO_IDENTITY), or CONTRAPPOSTO_ALLOW_NO_LOGIN=true says that something in front of it does
# that. Name the address it is reached by in CONTRAPPOSTO_PUBLIC_URL, without a login its host in
# STREAMLIT_SERVER_ALLOWED_HOSTS; other host names are refused. What users have typed lies in /data: a
# volume there keeps it over a new image. Jobs, models and pictures are on AWS.
FROM python:3.11-slim@sha256:db3ff2e1800a8581e2c48a27c3995339d47bdf046da21c7627accd3d51053a93

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CONTRAPPOSTO_BACKEND=aws \
    CONTRAPPOSTO_DATA=/data \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY pyproject.toml README.md LICENSE NOTICE app.py ./
COPY .streamlit .streamlit
COPY cli cli
COPY core core
COPY deploy deploy
COPY formats formats
COPY pages pages
COPY poses poses
COPY ui ui
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && useradd --create-home contrapposto \
    && install --directory --owner contrapposto --mode 0700 /data
USER contrapposto

EXPOSE 8501
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
ENTRYPOINT ["streamlit", "run", "app.py"]
