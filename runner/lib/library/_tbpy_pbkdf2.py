# SPDX-License-Identifier: MIT
"""hashlib.pbkdf2_hmac by hmac, where CPython has it from OpenSSL only."""


def _block(hash_name, password, data, iterations):
    """Return the exclusive or of a chain of HMACs, the first of which is of the data."""
    from hmac import digest

    total = 0
    for _ in range(iterations):
        data = digest(password, data, hash_name)
        total ^= int.from_bytes(data)
    return total.to_bytes(len(data))


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """Password based key derivation function 2 (PKCS #5 v2.0, RFC 8018) with HMAC."""
    import hashlib

    if not isinstance(hash_name, str):
        raise TypeError("pbkdf2_hmac() argument 'hash_name' must be str")
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    if dklen is None:
        dklen = hashlib.new(hash_name).digest_size
    if dklen < 1:
        raise ValueError("key length must be greater than 0.")
    password, salt, key, number = bytes(password), bytes(salt), b"", 0
    while len(key) < dklen:
        number += 1
        key += _block(hash_name, password, salt + number.to_bytes(4), iterations)
    return key[:dklen]
