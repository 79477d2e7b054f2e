"""`/docs`: the API's documentation as one document, made from the OpenAPI document. No script, nothing from outside."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from app.channels import idempotency
from app.channels.security_headers import DOCS_POLICY

WEB = Path(__file__).parent / "web"
TEMPLATE = WEB / "docs.html"
STYLE = WEB / "docs.css"

HEADERS = {"Content-Security-Policy": DOCS_POLICY, "Cache-Control": "no-cache"}

METHODS = ("get", "post", "put", "patch", "delete")
WITH_BODY = ("application/json", "multipart/form-data")
MOST_LEVELS = 6
"""Of a schema within schemas that are spelled out in words; deeper ones are named."""

_CODE = re.compile("`(.+?)`")

Schema = dict[str, Any]

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The documentation."""
    return HTMLResponse(render(request.app.openapi()), headers=HEADERS)


@router.get("/docs.css")
async def style() -> Response:
    """Its style."""
    return FileResponse(STYLE, headers=HEADERS)


def render(document: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    environment = Environment(
        loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["marked"] = lambda text: Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704
    groups: dict[str, list[dict[str, Any]]] = {}
    for operation in _operations(document):
        groups.setdefault(operation["group"], []).append(operation)
    schemas = {name: _fields(schema) for name, schema in sorted(document["components"]["schemas"].items())}
    return environment.get_template(TEMPLATE.name).render(info=document["info"], groups=groups, schemas=schemas)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _operation(path, method, methods[method])


def _operation(path: str, method: str, told: dict[str, Any]) -> dict[str, Any]:
    body = told.get("requestBody", {}).get("content", {})
    answers = {
        status: next(
            (words for kind in answer.get("content", {}).values() if (words := named(kind.get("schema", {})))), ""
        )
        for status, answer in told["responses"].items()
        if status.startswith("2")
    }
    return {
        "group": path.split("/")[2],
        "id": f"{method}-{path.strip('/').translate(str.maketrans('/{}', '-__'))}",
        "method": method.upper(),
        "path": path,
        "summary": told.get("summary", ""),
        "description": told.get("description", ""),
        "parameters": [
            {
                "name": one["name"],
                "place": one["in"],
                "is_required": one.get("required", False),
                "kind": named(one["schema"]),
                "description": one.get("description") or one["schema"].get("description", ""),
            }
            for one in told.get("parameters", ())
            if one is not idempotency.DESCRIPTION
        ],
        "body": next((_body(body[kind]["schema"]) for kind in WITH_BODY if kind in body), None),
        "answers": answers,
    }


def _body(schema: Schema) -> dict[str, Any]:
    """A body by the name of its schema, or its fields where it has none."""
    return {"name": named(schema) if "$ref" in schema else "", "fields": _fields(schema)}


def _fields(schema: Schema) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "is_required": name in required,
            "kind": named(field),
            "default": "" if field.get("default") in (None, "", [], {}) else str(field["default"]),
            "description": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def named(schema: Schema, level: int = 0) -> str:
    """The type in words: `integer 1…200`, `list of Key`, `one of a, b`, `date, or none`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if level > MOST_LEVELS:
        return "…"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            words = list(dict.fromkeys(named(one, level + 1) for one in schema[several]))
            return ", or ".join([word for word in words if word != "none"] + ["none"] * ("none" in words))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return f"“{schema['const']}”"
    kind = schema.get("type", "anything")
    if kind == "null":
        return "none"
    if kind == "array":
        return f"list of {named(schema.get('items', {}), level + 1)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {named(schema['additionalProperties'], level + 1)}"
    return f"{schema.get('format', kind)}{_range(schema)}"


def _range(schema: Schema) -> str:
    least = schema.get("minimum", schema.get("exclusiveMinimum", schema.get("minLength", schema.get("minItems"))))
    most = schema.get("maximum", schema.get("exclusiveMaximum", schema.get("maxLength", schema.get("maxItems"))))
    if least is None and most is None:
        return ""
    unit = " characters" if schema.get("type") == "string" else ""
    return f" {'' if least is None else least}…{'' if most is None else most}{unit}"
