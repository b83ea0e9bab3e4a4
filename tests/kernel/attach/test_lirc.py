# SPDX-License-Identifier: MIT
"""Receivers of infrared: no machine of the tests has one, so that refusals are looked at."""

import pytest

import tinybpf
from support.objects import Find, Load
from support.paths import MISSING


def test_only_its_programs_go_there(load: Load) -> None:
    """Another program is refused before the device is opened."""
    with pytest.raises(tinybpf.BpfError, match="there go programs of type lirc_mode2"):
        load("packets").programs["xdp_0"].attach_lirc("/dev/null")


def test_what_is_no_receiver_is_told(bpf: Find) -> None:
    """A path that is not there, a device of another kind; or the kernel has none at all."""
    try:
        obj = tinybpf.load(bpf("lirc"))
    except tinybpf.BpfNotSupportedError as error:
        said = str(error)
    else:
        said = ""
        with obj:
            program = obj.programs["decode"]
            with pytest.raises(FileNotFoundError, match="there is no device"):
                program.attach_lirc(MISSING)
            with pytest.raises(tinybpf.BpfError, match="no receiver of infrared"):
                program.attach(path="/dev/null")
    assert said == "" or "type lirc_mode2" in said
