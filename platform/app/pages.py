"""The first page, and the page to try the API. They load nothing from elsewhere."""

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template, send_from_directory
from openapi_ui_bundles import swagger_ui

from accounts.identity import csrf_token
from app.home import home_facts
from core.access import allow, anyone
from core.errors import NotFound

HERE = Path(__file__).resolve().parent
blueprint = Blueprint("pages", __name__)
SWAGGER_FILES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})
# The bundle sets styles from script and shows icons as data: addresses; nothing else is loosened.
DOCS_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


@blueprint.get("/")
@allow(anyone)
def home() -> str:
    """What this is; for whoever is signed in what comes next, and the way to every page of theirs."""
    return render_template("home.html", development=current_app.config["ENVIRONMENT"] == "development", csrf_token=csrf_token(), **home_facts())


@blueprint.get("/api/openapi.json")
@allow(anyone)
def openapi() -> Response:
    """The OpenAPI 3.1 document of the API."""
    return jsonify(current_app.extensions["openapi"].to_dict())


@blueprint.get("/api/docs")
@allow(anyone)
def docs() -> Response:
    """Try the API in the browser."""
    response = Response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


@blueprint.get("/api/docs/<path:name>")
@allow(anyone)
def docs_file(name: str) -> Response:
    """The files of the page above, from their package."""
    if name not in SWAGGER_FILES:
        raise NotFound
    return send_from_directory(swagger_ui.static_path, name, max_age=3600)
