/* SPDX-License-Identifier: MIT
 *
 * Networks and the keys of tries (map/lpm.h). A key is a u32, the number of bits, and
 * behind it the bits in network order, whatever the type in the C source says
 * (struct bpf_lpm_trie_key_u8 of linux/bpf.h).
 */
#include "map/lpm.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD sizeof(uint32_t)
#define IPV4 4
#define IPV6 16
#define MOST_TEXT 64 /* of an address, its '/' and the length */

static size_t
data_size(const BpfMap *map)
{
    return map->traits.key.size - HEAD;
}

/* Bits behind the prefix are zero: 1, or 0. */
static int
is_clean(const unsigned char *data, size_t size, uint32_t bits)
{
    for (size_t i = bits / 8; i < size; i++) {
        unsigned char host = i == bits / 8 ? 0xff >> bits % 8 : 0xff;

        if (data[i] & host) {
            return 0;
        }
    }
    return 1;
}

/* Write a prefix of size bytes; fewer than the key holds are followed by zeros. */
static int
write_key(const BpfMap *map, long bits, const void *data, size_t size, void *out)
{
    uint32_t prefix = (uint32_t)bits;

    if (size > data_size(map) || bits < 0 || (size_t)bits > data_size(map) * 8) {
        PyErr_Format(PyExc_ValueError,
                     "Key out of range: map %R holds prefixes of up to %zu bits, not "
                     "/%ld of %zu bytes",
                     map->name, data_size(map) * 8, bits, size);
        return -1;
    }
    memset(out, 0, map->traits.key.size);
    memcpy(out, &prefix, HEAD);
    memcpy((char *)out + HEAD, data, size);
    return 1;
}

/* The same for an IP address, which must fill the key. */
static int
write_network(const BpfMap *map, long bits, const void *data, size_t size, void *out)
{
    if (size != data_size(map)) {
        PyErr_Format(PyExc_ValueError,
                     "Key size mismatch: an IPv%d network has %zu bytes, and the "
                     "prefixes of map %R %zu",
                     size == IPV4 ? 4 : 6, size, map->name, data_size(map));
        return -1;
    }
    return write_key(map, bits, data, size, out);
}

static int
raise_text(PyObject *key, const char *reason)
{
    PyErr_Format(PyExc_ValueError, "%R is no network: %s", key, reason);
    return -1;
}

/* "10.0.0.0/8", "2001:db8::/32"; an address without '/' is one host. */
static int
encode_text(const BpfMap *map, PyObject *key, void *out)
{
    unsigned char data[IPV6];
    char text[MOST_TEXT];
    Py_ssize_t length;
    const char *utf8 = PyUnicode_AsUTF8AndSize(key, &length);
    char *slash, *end = text;
    size_t size;
    long bits;

    if (utf8 == NULL) {
        return -1;
    }
    if (length >= MOST_TEXT || strlen(utf8) != (size_t)length) {
        return raise_text(key, "it is too long");
    }
    memcpy(text, utf8, (size_t)length + 1);
    slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    size = strchr(text, ':') ? IPV6 : IPV4;
    if (inet_pton(size == IPV6 ? AF_INET6 : AF_INET, text, data) != 1) {
        return raise_text(key, "it should look like '10.0.0.0/8' or '2001:db8::/32'");
    }
    bits = (long)size * 8;
    if (slash != NULL) {
        bits = slash[1] >= '0' && slash[1] <= '9' ? strtol(slash + 1, &end, 10) : -1;
        if (bits < 0 || *end != '\0' || bits > (long)size * 8) {
            return raise_text(key, "the length behind '/' is out of range");
        }
    }
    if (!is_clean(data, size, (uint32_t)bits)) {
        return raise_text(key, "it has host bits set");
    }
    return write_network(map, bits, data, size, out);
}

/* (prefix length, bytes). Tuples of another shape are the codec's. */
static int
encode_pair(const BpfMap *map, PyObject *key, void *out)
{
    PyObject *first = PyTuple_Size(key) == 2 ? PyTuple_GetItem(key, 0) : NULL;
    PyObject *second = first ? PyTuple_GetItem(key, 1) : NULL;
    Py_buffer view;
    long bits;
    int rc;

    if (first == NULL || !PyLong_Check(first) || !PyObject_CheckBuffer(second)) {
        return 0;
    }
    bits = PyLong_AsLong(first);
    if (bits == -1 && PyErr_Occurred()) {
        PyErr_Clear(); /* out of range */
    }
    if (PyObject_GetBuffer(second, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    rc = write_key(map, bits, view.buf, (size_t)view.len, out);
    PyBuffer_Release(&view);
    return rc;
}

/* The bytes of an address object of the ipaddress module, and a number of it. */
static int
encode_packed(const BpfMap *map, PyObject *address, PyObject *bits, void *out)
{
    PyObject *packed = tb_args_attr(address, "packed");
    long number = packed ? PyLong_AsLong(bits) : -1;
    int rc = -1;

    if (packed != NULL && !(number == -1 && PyErr_Occurred())) {
        rc = PyBytes_Check(packed) ? 1 : 0;
    }
    if (rc > 0) {
        rc = write_network(map, number, PyBytes_AsString(packed),
                           (size_t)PyBytes_Size(packed), out);
    }
    Py_XDECREF(packed);
    return rc;
}

/* A network, or an address, which is one of a single host: 1, 0 if it is neither, -1.
 */
static int
encode_network(const BpfMap *map, PyObject *key, void *out)
{
    PyObject *address = NULL, *bits = NULL;
    int rc = tb_args_find(key, "network_address", &address);

    if (rc > 0) {
        bits = tb_args_attr(key, "prefixlen");
        rc = bits ? 1 : -1;
    }
    else if (rc == 0) {
        address = tb_new_ref(key);
        rc = tb_args_find(key, "max_prefixlen", &bits);
    }
    if (rc > 0) {
        rc = encode_packed(map, address, bits, out);
    }
    Py_XDECREF(address);
    Py_XDECREF(bits);
    return rc;
}

/* IPv4Network, IPv6Network, and the addresses and interfaces of these: an interface is
 * an address in a network. */
static int
encode_object(const BpfMap *map, PyObject *key, void *out)
{
    PyObject *network = NULL;
    int rc = tb_args_find(key, "network", &network);

    if (rc >= 0) {
        rc = encode_network(map, rc > 0 ? network : key, out);
    }
    Py_XDECREF(network);
    return rc;
}

int
tb_lpm_encode(const BpfMap *map, PyObject *key, void *out)
{
    if (map->traits.key.size <= HEAD || PyObject_CheckBuffer(key)) {
        return 0;
    }
    if (PyUnicode_Check(key)) {
        return encode_text(map, key, out);
    }
    if (PyTuple_Check(key)) {
        return encode_pair(map, key, out);
    }
    if (PyLong_Check(key) || PyDict_Check(key)) {
        return 0;
    }
    return encode_object(map, key, out);
}

/* ipaddress.ip_network((data, bits), strict=False): the kernel keeps host bits. */
static PyObject *
make_network(const unsigned char *data, size_t size, uint32_t bits)
{
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)data, (Py_ssize_t)size);
    PyObject *module = bytes ? PyImport_ImportModule("ipaddress") : NULL;
    PyObject *function = module ? tb_args_attr(module, "ip_network") : NULL;
    PyObject *network = NULL;

    if (function != NULL) {
        network = PyObject_CallFunction(function, "((OI)i)", bytes, bits, 0);
    }
    Py_XDECREF(bytes);
    Py_XDECREF(module);
    Py_XDECREF(function);
    return network;
}

PyObject *
tb_map_network(PyObject *op, PyObject *key)
{
    BpfMap *self = (BpfMap *)op;
    size_t size = self->traits.type == BPF_MAP_TYPE_LPM_TRIE ? data_size(self) : 0;
    unsigned char data[HEAD + IPV6];
    uint32_t bits;
    int rc;

    if (size != IPV4 && size != IPV6) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                              "network() is for LPM tries of IPv4 or IPv6 prefixes; %R "
                              "is none",
                              self);
    }
    if (self->object != NULL && self->object->phase == TB_OPENED &&
        tb_map_fd(self) < 0) {
        return NULL; /* the size of its keys can still be set */
    }
    rc = tb_lpm_encode(self, key, data);
    if (rc == 0) {
        rc = tb_codec_encode(&self->traits.key, &(struct tb_path){.name = "Key"}, key,
                             data);
        rc = rc < 0 ? -1 : 1;
    }
    if (rc < 0) {
        return NULL;
    }
    memcpy(&bits, data, HEAD);
    return make_network(data + HEAD, size, bits);
}
