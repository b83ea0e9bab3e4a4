# SPDX-License-Identifier: MIT
"""What a package wants of a Python: metadata, data files, .pth files of a directory."""

import pathlib

from launch import Evaluate, Run

METADATA = "from importlib import metadata as m, resources\nimport pkgutil\n"


def test_metadata_knows_what_is_inside(evaluate: Evaluate, run: Run) -> None:
    """importlib.metadata finds tinybpf, as of the version that --version tells."""
    code = (
        "print(m.version('tinybpf'), m.version('TinyBPF'), m.metadata('tinybpf')['Name'])\n"
        "print([d.name for d in m.distributions()], list(m.entry_points()))\n"
        "print([d.name for d in m.distributions(path=['/'])], m.files('tinybpf'))"
    )
    version = run("--version").stdout.split()[1]
    assert evaluate(METADATA + code).splitlines() == [
        f"{version} {version} tinybpf",
        "['tinybpf'] []",
        "[] None",
    ]


def test_metadata_of_others_is_found(run: Run, tmp_path: pathlib.Path) -> None:
    """What lies on sys.path is found; what is nowhere is PackageNotFoundError."""
    (tmp_path / "other-2.dist-info").mkdir()
    (tmp_path / "other-2.dist-info/METADATA").write_text("Name: other\nVersion: 2\n")
    code = METADATA + "print(m.version('other'), sorted(d.name for d in m.distributions()))"
    done = run("-c", code, env={"PYTHONPATH": str(tmp_path)})
    assert done.stdout == "2 ['other', 'tinybpf']\n"
    assert "PackageNotFoundError" in run("-c", METADATA + "m.version('other')").stderr


def test_data_of_the_library_are_its_sources(evaluate: Evaluate) -> None:
    """pkgutil.get_data() gives a source; of what is not there it says so."""
    code = (
        "print(pkgutil.get_data('json', '__init__.py')[:23],\n"
        "    b'JSONDecoder' in pkgutil.get_data('json', 'decoder.py'))\n"
        "for name in ('nothing.txt', 'decoder', '__init__'):\n"
        "    try: pkgutil.get_data('json', name)\n"
        "    except FileNotFoundError as error: print(error.filename.rpartition('/')[2])"
    )
    assert evaluate(METADATA + code).splitlines() == [
        'b\'r"""JSON (JavaScript Ob\' True',
        "nothing.txt",
        "decoder",
        "__init__",
    ]


def test_site_directory_is_added_with_its_pth_files(run: Run, tmp_path: pathlib.Path) -> None:
    """site.addsitedir() obeys .pth files; a line that fails ends its file alone."""
    for name in ("more", "later", "hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.pth").write_text("# comment\nmore\nimport sys; sys.mark = 1\nnowhere\n")
    (tmp_path / "b.pth").write_text("import no_such_module\nhidden\n")
    (tmp_path / "c.pth").write_text("later\nlater\n")
    (tmp_path / ".d.pth").write_text("hidden\n")
    code = (
        f"import site, sys\nroot = {str(tmp_path)!r}\n"
        "site.addsitedir(root)\n"
        "site.addsitedir(root)\n"
        "print([p.removeprefix(root) for p in sys.path if p.startswith(root)], sys.mark)"
    )
    done = run("-c", code)
    assert done.stdout == "['', '/more', '/later'] 1\n", done.stderr
    assert f"Error processing {tmp_path}/b.pth" in done.stderr
    assert "No module named 'no_such_module'" in done.stderr


def test_site_as_a_command_shows_the_path(run: Run, tmp_path: pathlib.Path) -> None:
    """`-m site` prints sys.path and that there are no user directories."""
    done = run("-m", "site", env={"PYTHONPATH": str(tmp_path)})
    assert f"    {str(tmp_path)!r},\n    '/tbpy/lib/python3.14',\n]" in done.stdout
    assert "ENABLE_USER_SITE: False" in done.stdout
    assert run("-m", "site", "--user-site").returncode == 2
