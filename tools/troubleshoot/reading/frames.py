"""Tells the frames of installed packages and of the runtime from those of the program's own code, by language."""

import re

from tools.troubleshoot.facts.programs import Frame, Language

_JAVA_LIBRARIES = (
    *("java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "oracle.", "kotlin.", "kotlinx.", "scala.", "groovy."),
    *("android.", "androidx.", "dalvik.", "com.android.", "org.springframework.", "org.apache.", "org.hibernate."),
    *("org.eclipse.", "org.jboss.", "org.junit.", "org.slf4j.", "org.postgresql.", "org.aspectj.", "ch.qos.logback."),
    *("io.netty.", "io.undertow.", "io.grpc.", "io.vertx.", "io.micronaut.", "io.quarkus.", "io.lettuce.", "akka."),
    *("reactor.", "rx.", "io.reactivex.", "com.fasterxml.", "com.google.common.", "com.google.gson.", "com.mysql."),
    *("com.zaxxer.", "com.mongodb.", "com.amazonaws.", "software.amazon.", "redis.clients.", "okhttp3.", "okio."),
    *("retrofit2.", "feign.", "feign.codec.", "net.bytebuddy.", "com.squareup.", "io.opentelemetry.", "jersey."),
)
_PYTHON_LIBRARY = re.compile(
    r"[/\\](?:site-packages|dist-packages)[/\\]|[/\\][Ll]ib[/\\](?:python\d|asyncio|concurrent|json|http)|<frozen "
    r"|[/\\]lib[/\\]python\d|[/\\]Python\d{2,3}[/\\]Lib[/\\]"
)
_NODE_LIBRARY = re.compile(
    r"[/\\]node_modules[/\\]|^node:|^internal/|^native$|^<anonymous>$|^index \d|^(?:chrome-extension|moz-extension):"
)
_NODE_CORE = re.compile(r"^(?:_?[a-z]{2,20}(?:_[a-z]{2,20}){0,3})\.js$")
"""A file of Node itself in old versions: `net.js`, `_http_client.js`, without a folder."""

_GO_LIBRARY = re.compile(
    r"(?:^|/)(?:usr/local/go|usr/lib/go(?:-[\d.]+)?|go/\d[\w.]*/x64|libexec)/src/|/go/pkg/mod/|/vendor/|@v\d"
)
_GO_CORE = re.compile(
    r"(?:runtime|net|reflect|encoding|database|testing|syscall|internal|sync|io|os|bufio|crypto|errors|fmt)(?:[/.]|$)"
)


def frame_of(language: Language, function: str, file: str, row: int | None) -> Frame:
    """The frame, with whether it lies in a library."""
    library = _IS_LIBRARY[language](function, file)
    return Frame(function=function[:300], file=file[:500], row=row, library=library)


def _is_python_library(function: str, file: str) -> bool:
    return bool(_PYTHON_LIBRARY.search(file))


def _is_java_library(function: str, file: str) -> bool:
    return function.startswith(_JAVA_LIBRARIES)


def _is_node_library(function: str, file: str) -> bool:
    return not file or bool(_NODE_LIBRARY.search(file) or _NODE_CORE.match(file))


def _is_go_library(function: str, file: str) -> bool:
    return bool(_GO_LIBRARY.search(file) or (_GO_CORE.match(function) and _GO_CORE.match(file.lstrip("/"))))


_IS_LIBRARY = {
    "python": _is_python_library,
    "java": _is_java_library,
    "node": _is_node_library,
    "go": _is_go_library,
}
