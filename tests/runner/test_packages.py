# SPDX-License-Identifier: MIT
"""What a package wants of a Python: metadata, data files, .pth files of a directory."""

import pathlib
import zipfile

import pytest
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


def test_pip_installs_from_its_own_wheel(
    run: Run, tmp_path: pathlib.Path, pure_wheel: pathlib.Path
) -> None:
    """What docs/deploy.md says: pip out of a zip, wheels that are there, then compileall."""
    import pip

    pip_wheel = tmp_path / "pip-py3-none-any.whl"
    with zipfile.ZipFile(pip_wheel, "w") as archive:
        home = pathlib.Path(pip.__file__).parent
        for path in sorted(home.rglob("*")):
            if "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(home.parent))
    packages = tmp_path / "packages"
    options = ["--no-index", "--find-links", str(pure_wheel.parent), "--target", str(packages)]
    options += ["--no-cache-dir", "sheep"]
    home_env = {"HOME": str(tmp_path)}  # pip asks rustc, which may make a folder in there
    done = run(f"{pip_wheel}/pip", "install", *options, env=home_env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert run("-m", "compileall", "-q", packages).returncode == 0
    code = "import sheep, importlib.metadata as m; print(sheep.count, m.version('sheep'))"
    env = {"PYTHONPATH": str(packages)}
    assert run("-c", code, env=env).stdout == "42 1.5\n"
    compiled = packages / "__pycache__" / "sheep.cpython-314.pyc"
    code = "import sheep; print(sheep.__spec__.cached)"
    assert run("-c", code, env=env).stdout == f"{compiled}\n"
    assert compiled.is_file()


@pytest.fixture
def pure_wheel(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a wheel of one module, `sheep`."""
    path = tmp_path / "wheels" / "sheep-1.5-py3-none-any.whl"
    path.parent.mkdir()
    info = "sheep-1.5.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sheep.py", "count = 42\n")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: sheep\nVersion: 1.5\n"
        )
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(
            f"{info}/RECORD",
            f"sheep.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    return path
