"""How clients say that names, proxies, pools and connections failed."""

from tools.troubleshoot.reading.client_words import Words, words

PROXIES_AND_NAMES: tuple[Words, ...] = (
    # proxies
    words(
        "proxy_authentication",
        "curl",
        r"(?:CONNECT tunnel failed, response|Received HTTP code|HTTP code) 407|Tunnel connection failed: 407"
        r"|ERR_PROXY_AUTH|Unable to tunnel through proxy\. Proxy returns \"HTTP/1\.\d 407"
        r"|407 Proxy Authentication Required",
    ),
    words(
        "proxy_refused",
        "curl",
        r"CONNECT tunnel failed, response \d{3}|Received HTTP code \d{3} from proxy after CONNECT"
        r"|Tunnel connection failed: \d{3}|Unable to tunnel through proxy|curl: \(5\)|curl: \(97\)"
        r"|ProxyError\(|ERR_PROXY_CONNECTION_FAILED|ERR_TUNNEL_CONNECTION_FAILED|Could not resolve proxy"
        r"|tunneling socket could not be established|proxyconnect tcp",
    ),
    # names
    words("dns_temporary", "python", r"\[Errno -3\]|Temporary failure in name resolution"),
    words(
        "dns_not_found",
        "python",
        r"socket\.gaierror|NameResolutionError|\[Errno (?:-2|-5|8|11001)\]|Name or service not known"
        r"|nodename nor servname provided",
    ),
    words("dns_temporary", "node", r"\bEAI_AGAIN\b"),
    words("dns_not_found", "node", r"\bENOTFOUND\b"),
    words("dns_not_found", "java", r"UnknownHostException"),
    words(
        "dns_temporary",
        "go",
        r"lookup \S{1,253}(?: on \S{1,100})?: (?:server misbehaving|i/o timeout)|lookup \S{1,253}: Temporary failure",
    ),
    words("dns_not_found", "go", r"lookup \S{1,253}(?: on \S{1,100})?: no such host"),
    words("dns_not_found", ".net", r"No such host is known|The remote name could not be resolved"),
    words(
        "dns_not_found",
        "browser",
        r"ERR_NAME_NOT_RESOLVED|DNS_PROBE_FINISHED_(?:NXDOMAIN|BAD_CONFIG|NO_INTERNET)|NS_ERROR_UNKNOWN_HOST",
    ),
    words("dns_temporary", "browser", r"ERR_DNS_TIMED_OUT|ERR_DNS_SERVER_FAILED"),
    words("dns_temporary", "curl", r"Resolving timed out after"),
    words("dns_not_found", "curl", r"curl: \(6\)|\* {1,4}Could not resolve host|wget: unable to resolve host address"),
    words("dns_temporary", "dig", r"status: SERVFAIL|\bserver can't find \S{1,253}: SERVFAIL"),
    words("dns_not_found", "dig", r"status: NXDOMAIN|\bserver can't find \S{1,253}: NXDOMAIN"),
)

POOLS_AND_CONNECTIONS: tuple[Words, ...] = (
    # pools and ports
    words("pool_exhausted", "hikari", r"Hikari(?:Pool|CP).{0,300}Connection is not available"),
    words("pool_exhausted", "sqlalchemy", r"QueuePool limit of size \d+ overflow \d+ reached"),
    words(
        "pool_exhausted",
        "postgres",
        r"FATAL: {1,2}(?:sorry, too many clients already|remaining connection slots are reserved"
        r"|too many connections for)|PSQLException: FATAL: (?:sorry, too many|too many)",
    ),
    words("pool_exhausted", "mysql", r"ERROR 1040\b|[:(] ?Too many connections"),
    words("pool_exhausted", "urllib3", r"Connection pool is full, discarding connection|EmptyPoolError"),
    words(
        "pool_exhausted",
        "",
        r"ConnectionPoolTimeoutException|Timeout waiting for connection from pool|PoolTimeout\b|Pool(?:Acquire"
        r"|ed)\S{0,30}Exception.{0,200}pending acquire|Timeout acquiring a connection"
        r"|remaining connection slots|[(:\"'] ?(?:[\w-]{1,30} )?[Cc]onnection pool (?:is )?exhausted"
        r"|Timeout expired\. {1,2}The timeout period elapsed prior to obtaining a connection from the pool"
        r"",
    ),
    words(
        "ports_exhausted",
        "",
        r"\bEADDRNOTAVAIL\b|Cannot assign requested address|address already in use: connect|\[Errno 99\]"
        r"|Only one usage of each socket address",
    ),
    # refused, reset, closed
    words(
        "refused",
        "curl",
        r"curl: \(7\).{0,300}(?:Connection refused|Couldn't connect|Could not connect|Failed to connect)"
        r"|\* {1,4}connect to \S{1,253} port \d{1,5}.{0,200} failed: Connection refused"
        r"|\* {1,4}Failed to connect to .{0,300}Connection refused",
    ),
    words(
        "refused",
        "python",
        r"\[(?:Errno|WinError) (?:111|61|10061)\]|ConnectionRefusedError|Connect call failed"
        r"|Cannot connect to host .{1,300}(?:Connect call failed|refused)",
    ),
    words("refused", "node", r"\bECONNREFUSED\b"),
    words(
        "refused",
        "java",
        r"ConnectException: Connection refused|HttpHostConnectException"
        r"|Exception: .{0,120}Connection to \S{1,253} refused",
    ),
    words(
        "refused",
        "go",
        r"dial tcp .{1,300}: connect: connection refused"
        r"|connectex: No connection could be made because the target machine actively refused",
    ),
    words(
        "refused",
        ".net",
        r"No connection could be made because the target machine actively refused it"
        r"|Connection refused \([^)\n]{3,200}\)",
    ),
    words("refused", "browser", r"ERR_CONNECTION_REFUSED|NS_ERROR_CONNECTION_REFUSED"),
    words(
        "refused",
        "psql",
        r"connection to server at .{1,300} failed: Connection refused|could not connect to server: Connection refused",
    ),
    words(
        "reset",
        "curl",
        r"curl: \((?:35|52|55|56)\).{0,300}(?:[Cc]onnection (?:was )?reset|reset by peer|Broken pipe)"
        r"|Recv failure: Connection (?:was )?reset",
    ),
    words(
        "reset",
        "python",
        r"ConnectionResetError|\[(?:Errno|WinError) (?:104|54|10054)\]|Connection reset by peer|BrokenPipeError",
    ),
    words("reset", "node", r"\bECONNRESET\b|\bEPIPE\b|socket hang up"),
    words("reset", "java", r"SocketException: (?:Connection reset|Broken pipe|Connection or outbound has closed)"),
    words(
        "reset",
        "go",
        r"(?:read|write) tcp .{1,300}: (?:connection reset by peer|broken pipe)|use of closed network connection",
    ),
    words("reset", ".net", r"forcibly closed by the remote host|The response ended prematurely"),
    words(
        "reset", "browser", r"ERR_CONNECTION_RESET|NS_ERROR_NET_RESET|ERR_HTTP2_PROTOCOL_ERROR|ERR_QUIC_PROTOCOL_ERROR"
    ),
    words("closed_early", "curl", r"curl: \((?:18|52|56|92)\)"),
    words(
        "closed_early",
        "python",
        r"RemoteDisconnected|RemoteProtocolError|ServerDisconnectedError|IncompleteRead\(|ChunkedEncodingError"
        r"|Server disconnected without sending a response",
    ),
    words("closed_early", "node", r"UND_ERR_SOCKET|other side closed|\bERR_STREAM_PREMATURE_CLOSE\b"),
    words(
        "closed_early",
        "java",
        r"NoHttpResponseException|Unexpected end of file from server|EOFException: .{0,60}\\n not found"
        r"|Premature EOF|Connection prematurely closed",
    ),
    words(
        "closed_early",
        "go",
        r"(?:Get|Post|Put|Patch|Delete|Head) \"[^\"\s]{1,2000}\": (?:unexpected )?EOF"
        r"|http: server closed idle connection",
    ),
    words(
        "closed_early",
        "browser",
        r"ERR_EMPTY_RESPONSE|ERR_CONNECTION_CLOSED|ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED_ENCODING",
    ),
)

TIMEOUTS: tuple[Words, ...] = (
    words("connect_timeout", "node", r"UND_ERR_CONNECT_TIMEOUT|connect ETIMEDOUT|ERR_CONNECT_TIMEOUT"),
    words(
        "connect_timeout",
        "curl",
        r"curl: \(28\).{0,300}(?:Connection timed out|Failed to connect|connect(?:ion)? timeout)"
        r"|\* {1,4}(?:connect to \S{1,253} port \d{1,5}.{0,200} failed: (?:Connection|Operation) timed out"
        r"|Connection timed out after)|curl: \(7\).{0,300}timed out",
    ),
    words(
        "read_timeout",
        "curl",
        r"curl: \(28\) (?:Operation (?:timed out|too slow)).{0,120} with \d+ (?:out of -?\d+ )?bytes received",
    ),
    words("timeout", "curl", r"curl: \(28\)"),
    words(
        "connect_timeout",
        "python",
        r"ConnectTimeout(?:Error)?\b|Connection to \S{1,253} timed out\. \(connect timeout|ConnectionTimeoutError",
    ),
    words(
        "read_timeout",
        "python",
        r"ReadTimeout(?:Error)?\b|Read timed out\.|SocketTimeoutError|The read operation timed out|WriteTimeout\b",
    ),
    words("connect_timeout", "python", r"\[(?:Errno|WinError) (?:110|60|10060)\]"),
    words(
        "timeout",
        "python",
        r"\b(?:socket\.timeout|asyncio\.(?:exceptions\.)?TimeoutError|APITimeoutError)\b"
        r"|TimeoutError: (?:timed out|\[)",
    ),
    words(
        "read_timeout",
        "node",
        r"UND_ERR_(?:HEADERS|BODY)_TIMEOUT|HeadersTimeoutError|BodyTimeoutError|read ETIMEDOUT|ESOCKETTIMEDOUT",
    ),
    words("timeout", "axios", r"timeout of \d{1,9} ?ms exceeded"),
    words("timeout", "node", r"\bETIMEDOUT\b|ECONNABORTED|TimeoutError: The operation was aborted due to timeout"),
    words(
        "connect_timeout",
        "java",
        r"(?:SocketTimeoutException|ConnectException|HttpConnectTimeoutException"
        r"|ConnectTimeoutException).{0,200}[Cc]onnect(?:ion)? timed out|HttpConnectTimeoutException"
        r"|ConnectTimeoutException",
    ),
    words(
        "read_timeout",
        "java",
        r"SocketTimeoutException: (?:Read timed out|timeout)|java\.net\.http\.HttpTimeoutException"
        r"|ReadTimeoutException",
    ),
    words("timeout", "java", r"SocketTimeoutException"),
    words("connect_timeout", "go", r"dial tcp .{1,300}: (?:i/o timeout|connect: (?:connection|operation) timed out)"),
    words(
        "read_timeout",
        "go",
        r"Client\.Timeout exceeded while (?:awaiting headers|reading body)|read tcp .{1,300}: i/o timeout"
        r"|timeout awaiting response headers",
    ),
    words("timeout", "go", r"context deadline exceeded|code = DeadlineExceeded|\bDEADLINE_EXCEEDED\b"),
    words(
        "timeout",
        ".net",
        r"The request was canceled due to the configured HttpClient\.Timeout|TaskCanceledException"
        r"|WebException: The operation has timed out",
    ),
    words("connect_timeout", ".net", r"connected party did not properly respond after a period of time"),
    words("connect_timeout", "browser", r"ERR_CONNECTION_TIMED_OUT|NS_ERROR_NET_TIMEOUT"),
    words("timeout", "browser", r"ERR_TIMED_OUT"),
    words(
        "connect_timeout",
        "psql",
        r"connection to server at .{1,300} failed: (?:Connection|Operation) timed out|psql: .{0,300}timeout expired",
    ),
    # the rest
    words(
        "network_unreachable",
        "",
        r"\b(?:EHOSTUNREACH|ENETUNREACH)\b|NoRouteToHostException|\[Errno (?:101|113|65|51)\]|(?:connect"
        r"|dial)\S{0,60}.{0,300}(?:no route to host|network is unreachable)|ERR_ADDRESS_UNREACHABLE"
        r"|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|failed: (?:No route to host|Network is unreachable)",
    ),
    words(
        "too_many_redirects",
        "",
        r"TooManyRedirects|curl: \(47\)|Exceeded \d{1,3} redirects|ERR_TOO_MANY_REDIRECTS"
        r"|ERR_FR_TOO_MANY_REDIRECTS|stopped after \d{1,3} redirects|redirect count exceeded"
        r"|Maximum redirects? \(\d{1,3}\) exceeded|Server redirected too many times",
    ),
)
