# SPDX-License-Identifier: MIT
"""The runner's SHA-1 and SHA-256 are everybody's, however the data comes in pieces."""

import subprocess
import sys

from launch import Evaluate

# Run by the runner and by the Python of the tests, which has OpenSSL's.
CODE = """\
import hashlib, hmac, random
random.seed(3)
whole = [hashlib.sha1(), hashlib.sha224(), hashlib.sha256()]
seen = hashlib.md5()
for n in range(5000):
    size = random.choice([0, 1, 55, 56, 63, 64, 65, 128, random.randrange(300),
                          random.randrange(9000)])
    data = random.randbytes(size)
    for each in whole:
        each.update(data)
        seen.update(each.digest())
        copy = each.copy()
        copy.update(b"x" * (n % 130))
        seen.update(copy.digest())
    for name in "sha1", "sha256":
        seen.update(hmac.digest(data[:100], data, name))
        pieces = hmac.new(b"key", data, name)
        pieces.update(data * 2)
        seen.update(pieces.digest())
    seen.update(hashlib.new("sha256", data).digest() + hashlib.sha1(data).digest())
print(seen.hexdigest())
"""


def test_hashes_are_those_of_another_python(evaluate: Evaluate) -> None:
    """Random pieces, with copies that go their own way, give the digests of the host's."""
    command = [sys.executable, "-c", CODE]
    wanted = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert evaluate(CODE) == wanted.strip()


def test_hashes_of_the_standard(evaluate: Evaluate) -> None:
    """FIPS 180-4's own examples: "abc" and a million times "a"."""
    code = (
        "import hashlib\n"
        "for name in 'sha1', 'sha256':\n"
        "    for data in b'abc', b'a' * 1_000_000:\n"
        "        print(hashlib.new(name, data).hexdigest())"
    )
    assert evaluate(code).split() == [
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ]
