# SPDX-License-Identifier: MIT
"""`ssl` without TLS: programs that import it work in the clear, and are refused with the
reason where they would encrypt."""

import re
import ssl

import pytest
from launch import Evaluate

REASON = "TLS is not inside tinybpf-run"

# A plain HTTP server and client of the library, in one process; {body} is what to try.
WITH_SERVER = """\
import http.server, ssl, threading, urllib.error, urllib.request
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_port
{body}
"""


def try_each(*expressions: str) -> str:
    """Return code that prints what each expression raises."""
    say = "except ssl.SSLError as error: print(type(error).__name__, error.errno, error)"
    lines = [f"try: {expression}\n{say}\n" for expression in expressions]
    head = (
        "import asyncio, socket, ssl\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "context = ssl.create_default_context()\n"
    )
    return head + "".join(lines)


def test_plain_http_takes_a_context(evaluate: Evaluate) -> None:
    """A client that hands a context with trust roots to urllib talks plain HTTP."""
    body = (
        "context = ssl.create_default_context()\n"
        "context.load_verify_locations('/dev/null')\n"
        "url = f'http://localhost:{port}/'\n"
        "print(urllib.request.urlopen(url, context=context).read())"
    )
    assert evaluate(WITH_SERVER.format(body=body), "-W", "error") == "b'hello'"


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "no-such-host.invalid"])
def test_https_is_refused_with_the_reason(evaluate: Evaluate, host: str) -> None:
    """urlopen() raises URLError, whether or not the other side could be reached."""
    body = (
        f"try: urllib.request.urlopen(f'https://{host}/')\n"
        "except urllib.error.URLError as error: print(type(error.reason).__name__, error)"
    )
    said = evaluate(WITH_SERVER.format(body=body))
    assert said.startswith(f"SSLError <urlopen error {REASON}: it needs OpenSSL")


def test_what_would_encrypt_is_refused(evaluate: Evaluate) -> None:
    """Wrapping, also a socket that is not connected yet, certificates, asyncio."""
    code = try_each(
        "context.wrap_socket(socket.socket(), server_hostname='a')",
        "context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname='a')",
        "context.load_cert_chain('/nonexistent')",
        "ssl.get_server_certificate(('no-such-host.invalid', 443))",
        "asyncio.run(asyncio.open_connection(*server.getsockname(), ssl=True))",
    )
    lines = evaluate(code).splitlines()
    assert len(lines) == 5
    assert {line.partition(":")[0] for line in lines} == {f"SSLError 1 {REASON}"}


def test_refused_socket_is_still_its_owners(evaluate: Evaluate) -> None:
    """wrap_socket() takes a socket over; a refusal leaves it open."""
    code = (
        "import contextlib, socket, ssl\n"
        "mine, other = socket.socketpair(socket.AF_UNIX)\n"
        "with contextlib.suppress(ssl.SSLError):\n"
        "    ssl.create_default_context().wrap_socket(mine, server_hostname='a')\n"
        "mine.send(b'plain')\n"
        "print(other.recv(9))"
    )
    assert evaluate(code) == "b'plain'"


def test_nothing_is_claimed(evaluate: Evaluate) -> None:
    """Every HAS_* is False, no certificate is said to be there."""
    code = (
        "import ssl\n"
        "print({name for name in dir(ssl) if name.startswith('HAS_') and getattr(ssl, name)},\n"
        "    ssl.create_default_context().cert_store_stats()['x509'])"
    )
    assert evaluate(code) == "set() 0"


def test_names_are_those_of_cpython(evaluate: Evaluate) -> None:
    """What the ssl of this test's Python has is there, but for what 3.12 removed."""
    names = set(evaluate("import ssl; print(*dir(ssl))").split())
    removed = {"RAND_pseudo_bytes", "match_hostname", "wrap_socket"}
    assert {name for name in dir(ssl) if name[0] != "_"} - names <= removed
    code = "import ssl; print(*dir(ssl.SSLContext), *dir(ssl.MemoryBIO), *dir(ssl.SSLError(1)))"
    names = set(evaluate(code).split())
    wanted = {*dir(ssl.SSLContext), *dir(ssl.MemoryBIO), *dir(ssl.SSLError(1))}
    assert {name for name in wanted if name[0] != "_"} <= names


def test_numbers_are_those_of_openssl(evaluate: Evaluate) -> None:
    """Constants that packets and settings are made of."""
    kinds = ("ALERT_DESCRIPTION_", "CERT_", "PROTOCOL_", "SSL_ERROR_", "VERIFY_", "OP_")
    ours = dict(
        line.split("=")
        for line in evaluate(
            "import ssl\nfor n in dir(ssl):\n"
            f"    if n.startswith({kinds!r}): print(f'{{n}}={{int(getattr(ssl, n))}}')"
        ).splitlines()
    )
    assert len(ours) > 60
    # What differs between versions of OpenSSL and of CPython.
    moved = r"OP_(ALL|CIPHER.*|ENABLE_KTLS|IGNORE.*|NO_RENEGOTIATION|NO_SSLv2|SINGLE.*)"
    for name, number in ours.items():
        if hasattr(ssl, name) and not re.fullmatch(moved, name):
            assert int(number) == int(getattr(ssl, name)), name


def test_contexts_keep_their_settings(evaluate: Evaluate) -> None:
    """What is set is read back, as the enums that ssl.py makes of it."""
    code = (
        "import ssl\n"
        "c = ssl.create_default_context()\n"
        "print(c.check_hostname, c.verify_mode.name, c.minimum_version.name)\n"
        "try: c.verify_mode = ssl.CERT_NONE\n"
        "except ValueError as error: print(error)\n"
        "c.check_hostname = False\n"
        "c.verify_mode = ssl.CERT_NONE\n"
        "c.minimum_version = ssl.TLSVersion.TLSv1_3\n"
        "c.options |= ssl.OP_NO_TICKET\n"
        "print(c.verify_mode.name, c.minimum_version.name, ssl.OP_NO_TICKET in c.options)\n"
        "c.check_hostname = True\n"
        "print(c.verify_mode.name)\n"
        "try: c.load_verify_locations('/nonexistent/ca.pem')\n"
        "except FileNotFoundError as error: print(error.filename)"
    )
    assert evaluate(code).splitlines() == [
        "True CERT_REQUIRED TLSv1_2",
        "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
        "CERT_NONE TLSv1_3 True",
        "CERT_REQUIRED",
        "/nonexistent/ca.pem",
    ]


def test_memory_bio_is_a_queue(evaluate: Evaluate) -> None:
    """MemoryBIO holds bytes as OpenSSL's does, and ends once."""
    code = (
        "import ssl\n"
        "b = ssl.MemoryBIO()\n"
        "print(b.write(b'abc'), b.pending, b.read(2), b.read(), b.read(), b.eof)\n"
        "b.write(memoryview(b'd'))\n"
        "b.write_eof()\n"
        "print(b.eof, b.read(), b.eof)\n"
        "try: b.write(b'x')\n"
        "except ssl.SSLError as error: print(error)"
    )
    ours = evaluate(code).splitlines()
    assert ours[:2] == ["3 3 b'ab' b'c' b'' False", "False b'd' True"]
    assert "cannot write() after write_eof()" in ours[2]
