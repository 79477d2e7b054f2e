"""Stack traces of four languages: what was raised, what led to it, whose code it was in, how often."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.programs import StackTrace
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.stack_traces import find_stack_traces

PYTHON = """Traceback (most recent call last):
  File "/srv/shop/sync.py", line 41, in run
    total = order["amount"] * rate
            ~~~~~^^^^^^^^^^
KeyError: 'amount'
"""

PYTHON_CONTEXT = """Traceback (most recent call last):
  File "/srv/shop/cache.py", line 9, in load
    return store[key]
KeyError: 'rates'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 3, in <module>
    start()
  File "/srv/shop/cache.py", line 11, in load
    return fallbak(key)
NameError: name 'fallbak' is not defined
"""

PYTHON_CAUSE = """Traceback (most recent call last):
  File "/srv/shop/read.py", line 5, in amount
    return int(text)
ValueError: invalid literal for int() with base 10: '12,5'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 20, in load
    raise ImportFailed(row) from error
shop.errors.ImportFailed: row 7
"""

PYTHON_GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/srv/shop/jobs.py", line 8, in every
  |     raise ExceptionGroup("jobs", failed)
  | ExceptionGroup: jobs (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/shop/jobs.py", line 14, in one
    |     return 1 / workers
    | ZeroDivisionError: division by zero
    +---------------- 2 ----------------
    | ValueError: no such job
    +------------------------------------
"""

PYTHON_LIBRARY = """ERROR:root:sync failed
Traceback (most recent call last):
  File "/srv/shop/sync.py", line 12, in pull
    answer = requests.get(url, timeout=5)
  File "/usr/lib/python3.11/site-packages/requests/api.py", line 73, in get
    return request("get", url, params=params, **kwargs)
  File "/usr/lib/python3.11/site-packages/requests/adapters.py", line 700, in send
    raise ConnectionError(e, request=request)
requests.exceptions.ConnectionError: no answer
"""

JAVA = """2026-06-26T09:14:02.113Z ERROR [http-3] Order could not be written
com.acme.shop.OrderFailed: order 7
\tat com.acme.shop.OrderService.write(OrderService.java:88)
\tat org.springframework.aop.support.AopUtils.invoke(AopUtils.java:344)
\tat java.base/java.lang.Thread.run(Thread.java:840)
\tSuppressed: java.io.IOException: also this
\t\tat com.acme.shop.Audit.close(Audit.java:7)
\t\t... 2 more
Caused by: java.lang.NullPointerException: Cannot invoke "String.trim()" because
  "name" is null
\tat com.acme.shop.Names.clean(Names.java:17)
\tat com.acme.shop.OrderService.write(OrderService.java:80)
\t... 12 more
"""

KOTLIN = """Exception in thread "main" java.lang.IllegalStateException: no rate
    at com.acme.rates.MainKt.rate(Main.kt:5)
    at com.acme.rates.MainKt.main(Main.kt)
"""

NODE = """/srv/app/src/user.js:10
  return user.name;
              ^

TypeError: Cannot read properties of undefined (reading 'name')
    at nameOf (/srv/app/src/user.js:10:15)
    at async Promise.all (index 0)
    at async handle (file:///srv/app/src/routes.js:5:3)
    at /srv/app/node_modules/express/lib/router/layer.js:95:5
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
"""

NODE_CAUSE = """Error: rates could not be loaded
    at load (C:\\app\\rates.js:7:9) {
  code: 'E_RATES',
  [cause]: RangeError: Invalid time value
      at Date.toISOString (<anonymous>)
      at stamp (C:\\app\\time.js:3:20)
      at ... 2 lines matching cause stack trace ...
}
"""

GO = """panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: again

goroutine 18 [running]:
main.(*Store).pick(0xc0000140a0, {0x1, 0x2})
\t/srv/app/store.go:31 +0x1d
net/http.HandlerFunc.ServeHTTP(0x0)
\t/usr/local/go/src/net/http/server.go:2136 +0x29
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3086 +0x5cb

goroutine 1 [IO wait]:
internal/poll.runtime_pollWait(0x7f, 0x72)
\t/usr/local/go/src/runtime/netpoll.go:343 +0x85
exit status 2
"""

GO_ERROR = """connection refused
example.com/app/store.Dial
\t/srv/app/store/dial.go:12
example.com/app/store.Open
\t/srv/app/store/open.go:30
could not open the store
main.main
\t/srv/app/main.go:9
runtime.main
\t/usr/local/go/src/runtime/proc.go:250
"""


def pieces_with_facts(text: str) -> list[tuple[Piece, StackTrace]]:
    return [(piece, fact) for piece in find_stack_traces(text) for fact in piece.facts if isinstance(fact, StackTrace)]


def only(text: str) -> StackTrace:
    ((_, trace),) = pieces_with_facts(text)
    return trace


@pytest.mark.parametrize(
    ("text", "language", "exception", "message", "causes", "own"),
    [
        (PYTHON, "python", "KeyError", "'amount'", (), ("run", 41)),
        (
            PYTHON_CONTEXT,
            "python",
            "NameError",
            "name 'fallbak' is not defined",
            ("KeyError: 'rates'",),
            ("load", 11),
        ),
        (
            PYTHON_CAUSE,
            "python",
            "shop.errors.ImportFailed",
            "row 7",
            ("ValueError: invalid literal for int() with base 10: '12,5'",),
            ("amount", 5),
        ),
        (
            PYTHON_GROUP,
            "python",
            "ExceptionGroup",
            "jobs (2 sub-exceptions)",
            ("ZeroDivisionError: division by zero", "ValueError: no such job"),
            ("one", 14),
        ),
        (PYTHON_LIBRARY, "python", "requests.exceptions.ConnectionError", "no answer", (), ("pull", 12)),
        (
            JAVA,
            "java",
            "com.acme.shop.OrderFailed",
            "order 7",
            ('java.lang.NullPointerException: Cannot invoke "String.trim()" because',),
            ("com.acme.shop.Names.clean", 17),
        ),
        (
            KOTLIN,
            "java",
            "java.lang.IllegalStateException",
            "no rate",
            (),
            ("com.acme.rates.MainKt.rate", 5),
        ),
        (
            NODE,
            "node",
            "TypeError",
            "Cannot read properties of undefined (reading 'name')",
            (),
            ("nameOf", 10),
        ),
        (
            NODE_CAUSE,
            "node",
            "Error",
            "rates could not be loaded",
            ("RangeError: Invalid time value",),
            ("stamp", 3),
        ),
        (
            GO,
            "go",
            "panic",
            "runtime error: index out of range [5] with length 3 [recovered]",
            ("panic: again",),
            ("main.(*Store).pick", 31),
        ),
        (
            GO_ERROR,
            "go",
            "error",
            "could not open the store",
            ("error: connection refused",),
            ("example.com/app/store.Dial", 12),
        ),
    ],
)
def test_what_was_raised_and_where(
    text: str, language: str, exception: str, message: str, causes: tuple[str, ...], own: tuple[str, int]
) -> None:
    trace = only(text)
    assert (trace.language, trace.exception, trace.message, trace.causes) == (language, exception, message, causes)
    assert trace.own_frame is not None
    assert (trace.own_frame.function, trace.own_frame.row) == own


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (PYTHON, 1, 5),
        (PYTHON_CONTEXT, 1, 13),
        (PYTHON_GROUP, 1, 12),
        (PYTHON_LIBRARY, 2, 9),
        (JAVA, 2, 13),
        (NODE, 5, 10),
        (NODE_CAUSE, 1, 8),
        (GO, 1, 15),
        (GO_ERROR, 1, 10),
    ],
)
def test_a_trace_takes_its_own_lines_only(text: str, first: int, last: int) -> None:
    asked = "It fails since noon:\n\n"
    (piece,) = find_stack_traces(f"{asked}{text}\nCan you help?")
    assert (piece.first - 2, piece.last - 2) == (first, last)


@pytest.mark.parametrize(
    ("text", "innermost_is_library"),
    [(PYTHON, False), (PYTHON_LIBRARY, True), (NODE, False), (JAVA, False), (GO, False)],
)
def test_whether_the_innermost_frame_is_a_library_s(text: str, innermost_is_library: bool) -> None:
    assert only(text).frames[-1].library is innermost_is_library


def test_frames_of_libraries_are_told_apart() -> None:
    assert [frame.library for frame in only(NODE).frames] == [True, True, False, True, False]
    assert [frame.library for frame in only(GO).frames] == [True, True, False]
    assert [frame.library for frame in only(JAVA).frames] == [True, True, False, False, False]


def test_the_same_trace_several_times_is_counted_once() -> None:
    text = "\n".join([PYTHON, NODE, PYTHON.replace("'amount'", "'rate'"), PYTHON])
    counts = [(trace.exception, trace.count) for _, trace in pieces_with_facts(text)]
    assert counts == [("KeyError", 3), ("TypeError", 1)]
    assert len(find_stack_traces(text)) == 4


def test_the_time_is_told_where_it_is_written_with_its_zone() -> None:
    assert only(JAVA).at == at("09:14:02.113")
    assert only(JAVA.replace("113Z", "113")).at is None
    assert only(JAVA.replace("2026-06-26", "2026-06-99")).at is None


def test_prefixes_of_containers_are_no_part_of_the_trace() -> None:
    for prefix in ("api-1  | ", "2026-06-26T10:00:00Z ", "2026-06-26T10:00:00.000000001Z stderr F "):
        text = "".join(f"{prefix}{line}\n" for line in PYTHON.splitlines())
        assert only(text).exception == "KeyError"


def test_a_trace_that_is_cut_says_so() -> None:
    ((piece, trace),) = pieces_with_facts(PYTHON[: PYTHON.index("KeyError")])
    assert trace.exception == ""
    assert piece.notes == ("The stack trace ends before it names its exception.",)


def test_frames_without_their_header_are_read() -> None:
    assert only(PYTHON.partition("\n")[2]).exception == "KeyError"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Look at line 3",
        "We meet at 12:30:15",
        "at 12:30:15",
        "at once (today)",
        'File "orders.csv", line 7 has a wrong amount',
        "panic: everybody is upset",
        "It fails at com.acme.Shop.start(Shop.java:7), why?",
        "Traceback (most recent call last):",
        "Traceback (most recent call last):\n\nwas all that we saw",
        "goroutine 1 [running]:",
        "Caused by: the new release",
        '{"stack": "at work"}',
        "at\nat\nat",
    ],
)
def test_what_is_no_stack_trace(text: str) -> None:
    assert find_stack_traces(text) == ()


@pytest.mark.parametrize(
    "unit",
    [
        "Traceback (most recent call last):\n",
        "  x Traceback (most recent call last):\n",
        "  | Exception Group Traceback (most recent call last):\n",
        'Traceback (most recent call last):\n  File "a", line 1, in f\n',
        "  at a.b.C.d(E.java:1)\n",
        "Caused by: a.b.C: d\n at a.b.C.d(E.java:1)\n",
        "    at f (/a.js:1:2) {\n",
        "    at (((((\n",
        "goroutine 1 [running]:\n",
        "panic: x\n",
        "main.f()\n\t/a.go:1\n",
        "\t/a.go:1\n",
        "at ",
        "a.b",
        "Error: ",
        "at " + "(" * 500 + "\n",
        '  File "',
        "\n",
    ],
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert isinstance(find_stack_traces(text), tuple)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from("".join([PYTHON, PYTHON_GROUP, PYTHON_CAUSE, JAVA, NODE_CAUSE, GO, GO_ERROR]).split("\n")),
            st.text(max_size=40),
        ),
        max_size=40,
    )
)
def test_any_lines_give_pieces_in_order_that_do_not_overlap(lines: list[str]) -> None:
    text = "\n".join(lines)
    pieces = find_stack_traces(text)
    count = text.count("\n") + 1
    bounds = [place for piece in pieces for place in (piece.first, piece.last)]
    assert bounds == sorted(bounds)
    assert all(1 <= piece.first <= piece.last <= count for piece in pieces)
    assert all(one.last < two.first for one, two in pairwise(pieces))
