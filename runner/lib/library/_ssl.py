# SPDX-License-Identifier: MIT
"""What CPython's ssl.py stands on, without TLS.

OpenSSL is not inside, yet programs import ssl and make contexts though they talk plain
HTTP to localhost. So the names, settings and errors are all there: a context remembers
what it is told, trust roots count as loaded without being read. Whoever wants the
first byte encrypted is refused, with the reason.
"""

# Between these words and OpenSSL's own no program can tell: urllib3 wants a text that
# starts so, and a number of 1.1.1 or more.
OPENSSL_VERSION = "OpenSSL is not inside tinybpf-run"
OPENSSL_VERSION_INFO = _OPENSSL_API_VERSION = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000

_REASON = (
    "TLS is not inside tinybpf-run: it needs OpenSSL and the host's certificates. Run curl"
    " in a subprocess, or run this with the host's Python and the tinybpf wheel"
)

HAS_SNI = HAS_TLS_UNIQUE = HAS_ECDH = HAS_NPN = HAS_ALPN = HAS_PSK = HAS_PHA = False
HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_TLSv1_2 = HAS_TLSv1_3 = False

# The numbers are OpenSSL 3's and of RFC 8446.
_CONSTANTS = {
    "ALERT_DESCRIPTION": """ACCESS_DENIED=49 BAD_CERTIFICATE=42
        BAD_CERTIFICATE_HASH_VALUE=114 BAD_CERTIFICATE_STATUS_RESPONSE=113
        BAD_RECORD_MAC=20 CERTIFICATE_EXPIRED=45 CERTIFICATE_REVOKED=44
        CERTIFICATE_UNKNOWN=46 CERTIFICATE_UNOBTAINABLE=111 CLOSE_NOTIFY=0
        DECODE_ERROR=50 DECOMPRESSION_FAILURE=30 DECRYPT_ERROR=51 HANDSHAKE_FAILURE=40
        ILLEGAL_PARAMETER=47 INSUFFICIENT_SECURITY=71 INTERNAL_ERROR=80
        NO_RENEGOTIATION=100 PROTOCOL_VERSION=70 RECORD_OVERFLOW=22
        UNEXPECTED_MESSAGE=10 UNKNOWN_CA=48 UNKNOWN_PSK_IDENTITY=115
        UNRECOGNIZED_NAME=112 UNSUPPORTED_CERTIFICATE=43 UNSUPPORTED_EXTENSION=110
        USER_CANCELLED=90""",
    "CERT": "NONE=0 OPTIONAL=1 REQUIRED=2",
    "ENCODING": "PEM=1 DER=2",
    "HOSTFLAG": """ALWAYS_CHECK_SUBJECT=1 NO_WILDCARDS=2 NO_PARTIAL_WILDCARDS=4
        MULTI_LABEL_WILDCARDS=8 SINGLE_LABEL_SUBDOMAINS=16 NEVER_CHECK_SUBJECT=32""",
    "OP": """ALL=0x80000050 CIPHER_SERVER_PREFERENCE=0x400000 ENABLE_KTLS=8
        ENABLE_MIDDLEBOX_COMPAT=0x100000 IGNORE_UNEXPECTED_EOF=0x80
        LEGACY_SERVER_CONNECT=4 NO_COMPRESSION=0x20000 NO_RENEGOTIATION=0x40000000
        NO_SSLv2=0 NO_SSLv3=0x2000000 NO_TICKET=0x4000 NO_TLSv1=0x4000000
        NO_TLSv1_1=0x10000000 NO_TLSv1_2=0x8000000 NO_TLSv1_3=0x20000000
        SINGLE_DH_USE=0 SINGLE_ECDH_USE=0""",
    "PROTOCOL": "SSLv23=2 TLS=2 TLS_CLIENT=16 TLS_SERVER=17 TLSv1=3 TLSv1_1=4 TLSv1_2=5",
    "PROTO": """MAXIMUM_SUPPORTED=-1 MINIMUM_SUPPORTED=-2 SSLv3=0x300 TLSv1=0x301
        TLSv1_1=0x302 TLSv1_2=0x303 TLSv1_3=0x304""",
    "SSL_ERROR": """EOF=8 INVALID_ERROR_CODE=10 SSL=1 SYSCALL=5 WANT_CONNECT=7 WANT_READ=2
        WANT_WRITE=3 WANT_X509_LOOKUP=4 ZERO_RETURN=6""",
    "VERIFY": """ALLOW_PROXY_CERTS=0x40 CRL_CHECK_CHAIN=12 CRL_CHECK_LEAF=4 DEFAULT=0
        X509_PARTIAL_CHAIN=0x80000 X509_STRICT=0x20 X509_TRUSTED_FIRST=0x8000""",
}
for _prefix, _rows in _CONSTANTS.items():
    for _row in _rows.split():
        _name, _, _number = _row.partition("=")
        globals()[f"{_prefix}_{_name}"] = int(_number, 0)
_ERROR_SSL = 1
_TLS_CLIENT, _TLS_SERVER = 16, 17

_DEFAULT_CIPHERS = "DEFAULT"
_OBJECTS = (
    (129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    (130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
)


class SSLError(OSError):
    """An error occurred in the SSL implementation."""

    __module__ = "ssl"
    library = reason = None

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""

    __module__ = "ssl"


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data."""

    __module__ = "ssl"


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data."""

    __module__ = "ssl"


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""

    __module__ = "ssl"


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""

    __module__ = "ssl"


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""

    __module__ = "ssl"


def refuse(*_args, **_kwargs):
    """Say why there is no TLS: by an OSError, as of any connection that fails."""
    raise SSLError(_ERROR_SSL, _REASON)


class MemoryBIO:
    """A queue of bytes between a program and its TLS object."""

    def __init__(self):
        self._bytes = bytearray()
        self._ended = False

    @property
    def pending(self):
        """The number of bytes pending in the memory BIO."""
        return len(self._bytes)

    @property
    def eof(self):
        """Whether the memory BIO is at EOF."""
        return self._ended and not self._bytes

    def read(self, size=-1):
        """Read up to size bytes from the memory BIO; all that are there if negative."""
        n = len(self._bytes) if size < 0 else size
        data = bytes(self._bytes[:n])
        del self._bytes[:n]
        return data

    def write(self, b):
        """Write the bytes b into the memory BIO; return how many."""
        if self._ended:
            raise SSLError(_ERROR_SSL, "cannot write() after write_eof()")
        with memoryview(b) as view:
            self._bytes += view
            return view.nbytes

    def write_eof(self):
        """Write an EOF marker to the memory BIO."""
        self._ended = True


class _Never:
    """A class of OpenSSL's that only a connection has objects of."""

    def __new__(cls, *_args, **_kwargs):
        raise TypeError(f"cannot create '_ssl.{cls.__name__}' instances")


class SSLSession(_Never):
    """A session that could be resumed."""


class _SSLSocket(_Never):
    """An encrypted connection."""


class Certificate(_Never):
    """A certificate that a peer has sent."""


# What a context of OpenSSL 3 begins with.
_FIRST_SETTINGS = {
    "_host_flags": 0, "_msg_callback": None, "keylog_filename": None,
    "maximum_version": -1, "num_tickets": 2, "options": 0x82520050,
    "post_handshake_auth": False, "sni_callback": None, "verify_flags": 0x8000,
}  # fmt: skip


def _setting(name):
    """Return a property that remembers what it is set to."""

    def get(self):
        return self._settings[name]

    def put(self, value):
        self._settings[name] = value

    return property(get, put)


class _SSLContext:
    """Settings; ssl.SSLContext makes enums of their numbers."""

    security_level = 2

    def __new__(cls, protocol):
        if protocol not in (2, 3, 4, 5, _TLS_CLIENT, _TLS_SERVER):
            raise ValueError("invalid or unsupported protocol version")
        self = object.__new__(cls)
        self.__protocol = int(protocol)
        self._settings = dict(_FIRST_SETTINGS)
        self._settings["minimum_version"] = -2 if protocol < _TLS_CLIENT else 0x303
        self.__check_hostname = protocol == _TLS_CLIENT
        self.__verify_mode = 2 if protocol == _TLS_CLIENT else 0
        return self

    for _name in (*_FIRST_SETTINGS, "minimum_version"):
        locals()[_name] = _setting(_name)
    del _name

    @property
    def protocol(self):
        """Protocol version."""
        return self.__protocol

    @property
    def check_hostname(self):
        """Whether the peer's name is checked."""
        return self.__check_hostname

    @check_hostname.setter
    def check_hostname(self, value):
        self.__check_hostname = bool(value)
        if value and not self.__verify_mode:
            self.__verify_mode = 2

    @property
    def verify_mode(self):
        """Whether a certificate is wanted."""
        return self.__verify_mode

    @verify_mode.setter
    def verify_mode(self, value):
        if value not in (0, 1, 2):
            raise ValueError("invalid value for verify_mode")
        if not value and self.__check_hostname:
            raise ValueError(
                "Cannot set verify_mode to CERT_NONE when check_hostname is enabled."
            )
        self.__verify_mode = int(value)

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        """Take trust roots as loaded: nothing will ever be checked against them."""
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        if cafile is not None:
            open(cafile, "rb").close()  # a name that is wrong is so here, too

    def _remember_nothing(self, *_args, **_kwargs):
        """Do nothing: it is about connections, and there are none."""

    set_default_verify_paths = set_ciphers = _set_alpn_protocols = _remember_nothing
    load_dh_params = set_ecdh_curve = _remember_nothing
    set_psk_client_callback = set_psk_server_callback = _remember_nothing
    _wrap_socket = _wrap_bio = load_cert_chain = refuse

    def get_ca_certs(self, binary_form=False):
        """Return [], no certificate has been read."""
        return []

    def get_ciphers(self):
        """Return [], there are none."""
        return []

    def cert_store_stats(self):
        """Return how many certificates have been read."""
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def session_stats(self):
        """Return how many connections there were."""
        return dict.fromkeys(
            (
                "number", "connect", "connect_good", "connect_renegotiate", "accept",
                "accept_good", "accept_renegotiate", "hits", "misses", "timeouts",
                "cache_full",
            ),
            0,
        )  # fmt: skip


def get_default_verify_paths():
    """Return where OpenSSL would look: variable and file, variable and directory."""
    return "SSL_CERT_FILE", "/etc/ssl/cert.pem", "SSL_CERT_DIR", "/etc/ssl/certs"


def txt2obj(txt, name=False):
    """Look an object of X.509 up by its number, or by its names as well."""
    for row in _OBJECTS:
        if txt == row[3] or (name and txt in row[1:3]):
            return row
    raise ValueError(f"unknown object '{txt:.100}'")


def nid2obj(nid):
    """Look an object of X.509 up by OpenSSL's number of it."""
    for row in _OBJECTS:
        if nid == row[0]:
            return row
    raise ValueError(f"unknown NID {nid}")


def RAND_bytes(n):
    """Return random bytes; they are the kernel's."""
    import os

    return os.urandom(n)


def RAND_add(string, entropy):
    """Do nothing: the kernel needs no seed."""


def RAND_status():
    """Return True: the kernel's generator is always ready."""
    return True
