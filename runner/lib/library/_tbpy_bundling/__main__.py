# SPDX-License-Identifier: MIT
"""What --bundle does, and --version and --licenses with the name of a bundle."""

import argparse
import contextlib
import os
import signal
import stat
import sys

from _tbpy_bundling import BundleError, show
from _tbpy_bundling.assemble import assembled, runner_like_this
from _tbpy_bundling.collect import Collection


def _parser():
    parser = argparse.ArgumentParser(
        prog="tinybpf-run --bundle",
        description="Make one static file of a program: this executable with its files inside.",
        epilog="Several scripts make one file with several programs: TOOL NAME [arg]..., or a"
        " link that has the program's name. A .py file that another imports is no script. A"
        " folder goes in under its name, what pip has installed into one as it is.",
        color=False,
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="scripts, objects, packages, wheels, zips"
    )
    parser.add_argument("-o", metavar="TOOL", dest="output", help="the file to write")
    parser.add_argument(
        "--base", metavar="RUNNER", help="a tinybpf-run of another architecture"
    )
    parser.add_argument(
        "--btf",
        metavar="FOLDER",
        help="types of kernels that have none themselves: ID/VERSION_ID/ARCH/RELEASE.btf,"
        " of which what the objects need goes in",
    )
    parser.add_argument("--list", metavar="TOOL", help="show what is inside a bundle")
    # Not for the command line: what --version TOOL and --licenses TOOL become.
    for name in ("--version-of", "--licenses-of"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    return parser


def _check_output(path, files):
    """Refuse to write where something else is lost."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(found.st_mode):
        raise BundleError(f"-o {path} is a folder: name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise BundleError(f"-o {path} is no regular file")
    for each in files:
        if os.path.samestat(found, os.stat(each)):
            raise BundleError(f"-o {path} is a file that goes in: name another")


def _write(path, data):
    """Write a file as a whole or not at all: it gets its name when it is complete."""
    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    part = os.path.join(folder, f".{name}.{os.urandom(4).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with open(os.open(part, flags, 0o777), "wb") as file:
            file.write(data)
        os.rename(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise


def make(options):
    """Write a bundle, and say what it is."""
    collection = Collection()
    base = runner_like_this(options.base)
    for path in options.files:
        collection.add(path)
    _check_output(options.output, [*options.files, base.path])
    data = assembled(collection, base, options.btf)
    try:
        _write(options.output, data)
    except OSError as error:
        raise BundleError(f"-o {options.output}: {error.strerror}") from None
    size = len(data) / 1e6
    print(f"{options.output}: {size:.1f} MB, runs on any Linux {base.machine}")


def _run(parser):
    options = parser.parse_args()
    if options.list is not None:
        show.files(options.list)
    elif options.version_of is not None:
        show.versions(options.version_of)
    elif options.licenses_of is not None:
        show.licenses(options.licenses_of)
    elif options.output is None or not options.files:
        parser.error("it takes -o TOOL and the files that go in")
    else:
        make(options)


def main():
    """Do what the command line says; the status of the process."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        if sys.argv[1:2] == ["--ssh"]:
            from _tbpy_bundling import ssh

            return ssh.main(sys.argv[2:])
        _run(_parser())
        sys.stdout.flush()
    except (BundleError, OSError) as error:
        print(f"tinybpf-run: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
