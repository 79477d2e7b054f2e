"""What the OpenAPI document says of every operation alike: how to sign in, and with which problems it answers."""

from typing import Any

from fastapi import FastAPI

from app.channels.http_problems import OPENAI_PATHS

PROBLEMS = {
    400: "The request cannot be read: broken JSON, half a form",
    401: "No key, or one that is unknown or revoked",
    403: "The caller's role or groups do not allow it",
    404: "There is none, or the caller may not see it: the two are told apart to nobody",
    409: "Something else is in the way right now",
    413: "The body is too large",
    415: "The body is of another type, or compressed",
    422: "Arguments that cannot be used; `invalid` and `missing` name them",
    429: "More requests or streams than one key may have; `Retry-After` says when to go on",
    503: "The database cannot be reached or is busy; send it again",
}

SCHEMAS = {
    "Problem": {
        "description": "What went wrong (RFC 9457). `code` is stable, `detail` says what to do.",
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "invalid": {"type": "array", "items": {}},
            "missing": {"type": "array", "items": {"type": "string"}},
        },
    },
    "OpenAIError": {
        "description": "What went wrong, as OpenAI's clients read it.",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": {"type": "string"},
                    "type": {"type": "string"},
                    "param": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "code": {"type": "string"},
                },
            }
        },
    },
}


def install(app: FastAPI) -> None:
    """Let the document tell it of all routes, also of those that are added later."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schemas = document["components"]["schemas"]
        if "Problem" in schemas:  # told before
            return document
        for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which we never answer with
            schemas.pop(name, None)
        schemas.update(SCHEMAS)
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"key": []}]
        for path, methods in document["paths"].items():
            for operation in methods.values():
                operation["responses"].update(_problems(path))
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _problems(path: str) -> dict[str, Any]:
    is_openai = path.startswith(OPENAI_PATHS)
    kind, name = ("application/json", "OpenAIError") if is_openai else ("application/problem+json", "Problem")
    content = {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {str(status): {"description": words, "content": content} for status, words in PROBLEMS.items()}
