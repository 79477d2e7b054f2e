"""respx for clients that speak through httpx2, as the openai SDK does: its own mocks patch httpcore alone."""

from respx.mocks import HTTPCoreMocker


class HTTPCore2Mocker(HTTPCoreMocker):
    """`respx.mock(using="httpcore2")`. Made known to respx by being defined."""

    name = "httpcore2"
    targets = [target.replace("httpcore.", "httpcore2.") for target in HTTPCoreMocker.targets]  # noqa: RUF012
