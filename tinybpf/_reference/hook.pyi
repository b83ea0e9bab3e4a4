# SPDX-License-Identifier: MIT
"""Where programs can be attached: the attach_ methods of BpfProgram."""

from collections.abc import Sequence
from typing import Literal

from _typeshed import FileDescriptorLike, StrOrBytesPath

from tinybpf._reference.link import BpfLink
from tinybpf._reference.map import BpfMap
from tinybpf._reference.program import BpfProgram

class _Hooks:
    # Methods of BpfProgram, which has no base class but here: a file would be too long.

    def attach_kprobe(
        self,
        func_name: str | int,
        retprobe: bool = False,
        *,
        offset: int = 0,
        cookie: int | None = None,
        attach_mode: Literal["default", "legacy", "perf", "link"] = "default",
    ) -> BpfLink:
        """Attach the program to a kernel function.

        Args:
            func_name: the function, as in /proc/kallsyms; also 'function+0x10', and
                an address as an int.
            retprobe: run where it returns, in place of where it begins.
            offset: bytes from the function's begin to an instruction, where
                func_name has none.
            cookie: a number of 64 bits that the program gets by
                bpf_get_attach_cookie(); None for 0. Since Linux 5.15.
            attach_mode: 'legacy' by tracefs, 'perf' by a perf event without a link,
                'link' by a link (since Linux 5.15); 'default' is the last of them
                that this kernel has.

        Returns:
            The link; the program stays attached until it is destroyed.

        Raises:
            ValueError: an offset or a cookie out of range, or two offsets.
            BpfError: there is no such function, or it cannot be probed.
            BpfNotSupportedError: the kernel has no kprobes. BpfClosedError: closed.

        Kernel: 4.17, CONFIG_KPROBES; CAP_PERFMON.
        Source: bpf_program__attach_kprobe_opts.
        """
    def attach_kretprobe(
        self,
        func_name: str,
        *,
        cookie: int | None = None,
        attach_mode: Literal["default", "legacy", "perf", "link"] = "default",
    ) -> BpfLink:
        """Attach the program to the return of a kernel function.

        Args:
            As attach_kprobe(): func_name, cookie, attach_mode.

        Returns:
            The link.

        Raises:
            As attach_kprobe().

        Kernel: 4.17, CONFIG_KPROBES; CAP_PERFMON.
        Source: bpf_program__attach_kprobe_opts.
        """
    def attach_ksyscall(
        self, name: str, retprobe: bool = False, *, cookie: int | None = None
    ) -> BpfLink:
        """Attach the program to a system call.

        Args:
            name: its bare name, such as 'openat': the kernel's function of it has a
                prefix that differs by architecture.
            retprobe: run where it returns, in place of where it begins.
            As attach_kprobe(): cookie.

        Returns:
            The link.

        Raises:
            ValueError: the cookie is out of range.
            BpfError: there is no such system call.
            BpfNotSupportedError: the kernel has no kprobes. BpfClosedError: closed.

        Kernel: 4.17, CONFIG_KPROBES; CAP_PERFMON.
        Source: bpf_program__attach_ksyscall.
        """
    def attach_kprobe_multi(
        self,
        pattern: str | None = None,
        *,
        symbols: Sequence[str] | None = None,
        addresses: Sequence[int] | None = None,
        cookies: Sequence[int] | None = None,
        retprobe: bool = False,
        session: bool | None = None,
        unique_match: bool = False,
    ) -> BpfLink:
        """Attach the program to many kernel functions by one link.

        Either a pattern, or symbols, or addresses. The program is of
        SEC("kprobe.multi"), or "kprobe.session".

        Args:
            pattern: of names, with * and ?, such as 'vfs_*'.
            symbols: names of functions, as in /proc/kallsyms.
            addresses: of functions.
            cookies: a number of 64 bits for each symbol or address.
            retprobe: run where they return, in place of where they begin.
            session: run at both, by one program that knows which; None as the
                program's section says. Since Linux 6.10.
            unique_match: refuse a pattern that more than one function fits.

        Returns:
            The link.

        Raises:
            TypeError: not one of pattern, symbols and addresses.
            ValueError: lists of different lengths, or empty.
            BpfError: there is no such function, or it cannot be probed.
            BpfNotSupportedError: the kernel has no such probes. BpfClosedError: closed.

        Kernel: 5.18, CONFIG_FPROBE; CAP_PERFMON.
        Source: bpf_program__attach_kprobe_multi_opts.
        """
    def attach_trace(self, *, cookie: int | None = None) -> BpfLink:
        """Attach an fentry, fexit, fmod_ret, fsession or tp_btf program.

        Where it goes was said before it was loaded, by its section or by
        set_attach_target().

        Args:
            cookie: as of attach_kprobe(); since Linux 5.19, of tp_btf since 6.10.

        Returns:
            The link.

        Raises:
            ValueError: the cookie is out of range.
            BpfError: it is attached already. BpfClosedError: the object is closed.

        Kernel: 5.5, fmod_ret 5.7, fsession 7.0; CAP_PERFMON.
        Source: bpf_program__attach_trace_opts.
        """
    def attach_freplace(
        self, target: BpfProgram | int | None = None, func_name: str | None = None
    ) -> BpfLink:
        """Replace a function of another program.

        Args:
            target: the program, or an open descriptor of one, which stays the
                caller's; None for that of set_attach_target().
            func_name: its function; given with a target only. Its type must be that
                of the function that the program was loaded for.

        Returns:
            The link; the function is itself again when it is destroyed.

        Raises:
            TypeError: a target without a function, or the other way round.
            BpfError: the target has no such function, or another one replaces it.
            BpfClosedError: the object is closed.

        Kernel: 5.6, another target than that of the load 5.10; CAP_SYS_ADMIN.
        Source: bpf_program__attach_freplace.
        """
    def attach_lsm(self, *, cookie: int | None = None) -> BpfLink:
        """Attach the program to its security hook.

        Args:
            cookie: as of attach_kprobe(), since Linux 5.19.

        Returns:
            The link.

        Raises:
            ValueError: the cookie is out of range.
            BpfNotSupportedError: the program would never run: bpf is not among the
                kernel's security modules (lsm=). BpfClosedError: closed.

        Kernel: 5.7, CONFIG_BPF_LSM; CAP_PERFMON.
        Source: bpf_program__attach_lsm.
        """
    def attach_tracepoint(
        self, category: str, name: str, *, cookie: int | None = None
    ) -> BpfLink:
        """Attach the program to a tracepoint.

        Args:
            category: the folder below events/ in tracefs, such as 'syscalls'.
            name: the event in it, such as 'sys_enter_openat'.
            cookie: a number of 64 bits that the program gets by
                bpf_get_attach_cookie(); None for 0. Since Linux 5.15.

        Returns:
            The link.

        Raises:
            ValueError: the cookie is negative or too large.
            BpfError: there is no such tracepoint, or tracefs is not mounted.
            BpfClosedError: the object is closed.

        Kernel: 4.7; CAP_PERFMON, and the right to read tracefs.
        Source: bpf_program__attach_tracepoint_opts.
        """
    def attach_raw_tracepoint(self, name: str, *, cookie: int | None = None) -> BpfLink:
        """Attach the program to a raw tracepoint.

        Args:
            name: the tracepoint, such as 'sys_enter'; no category.
            cookie: as of attach_tracepoint(), since Linux 6.10.

        Returns:
            The link.

        Raises:
            ValueError: the cookie is negative or too large.
            BpfError: there is no such tracepoint. BpfClosedError: the object is closed.

        Kernel: 4.17; CAP_PERFMON.
        Source: bpf_program__attach_raw_tracepoint_opts.
        """
    def attach_uprobe(
        self,
        binary_path: StrOrBytesPath,
        offset: int = 0,
        pid: int = -1,
        retprobe: bool = False,
        func_name: str | None = None,
        *,
        ref_ctr_offset: int = 0,
        cookie: int | None = None,
        attach_mode: Literal["default", "legacy", "perf", "link"] = "default",
    ) -> BpfLink:
        """Attach the program to a place in a binary.

        Args:
            binary_path: an executable or a library. Without a slash: what process
                pid has mapped by that name; for other pids a program in PATH, else a
                file of the library folders or of the loader's cache, else
                'lib<name>.so', with or without a version, there. 'ARCHIVE!/FILE' is a
                file that is stored, not compressed, in a zip.
            offset: bytes from the start of the file, or of func_name.
            pid: the process to watch; 0 this one, -1 every one.
            retprobe: run where the function returns.
            func_name: a symbol of the binary, also 'symbol@version'; needs its symbol
                table.
            ref_ctr_offset: where in the file a counter is that the kernel raises
                while the probe is there, bytes; 0: none.
            As attach_kprobe(): cookie, attach_mode.

        Returns:
            The link.

        Raises:
            ValueError: an offset or cookie out of range, or a name that several
                files may mean.
            BpfError: no such binary or symbol. BpfClosedError: the object is closed.

        Kernel: 4.17, CONFIG_UPROBES; CAP_PERFMON, older kernels CAP_SYS_ADMIN.
        Source: bpf_program__attach_uprobe_opts.
        """
    def attach_uretprobe(
        self,
        binary_path: StrOrBytesPath,
        offset: int = 0,
        pid: int = -1,
        func_name: str | None = None,
        *,
        ref_ctr_offset: int = 0,
        cookie: int | None = None,
        attach_mode: Literal["default", "legacy", "perf", "link"] = "default",
    ) -> BpfLink:
        """Attach the program to the return of a function in a binary.

        Args:
            offset: bytes from the start of func_name, or of the file.
            func_name: the function; needs the binary's symbol table.
            As attach_uprobe(): binary_path, pid, ref_ctr_offset.
            As attach_kprobe(): cookie, attach_mode.

        Returns:
            The link.

        Raises:
            As attach_uprobe().

        Kernel: 4.17, CONFIG_UPROBES; CAP_PERFMON, older kernels CAP_SYS_ADMIN.
        Source: bpf_program__attach_uprobe_opts.
        """
    def attach_uprobe_multi(
        self,
        binary_path: StrOrBytesPath,
        pattern: str | None = None,
        *,
        pid: int = -1,
        symbols: Sequence[str] | None = None,
        offsets: Sequence[int] | None = None,
        ref_ctr_offsets: Sequence[int] | None = None,
        cookies: Sequence[int] | None = None,
        retprobe: bool = False,
        session: bool | None = None,
    ) -> BpfLink:
        """Attach the program to many places in a binary by one link.

        Either a pattern, or symbols, or offsets. The program is of
        SEC("uprobe.multi"), or "uprobe.session".

        Args:
            pattern: of names of functions, with * and ?.
            symbols: names of functions.
            offsets: bytes from the start of the file.
            ref_ctr_offsets: as of attach_uprobe(), one for each symbol or offset.
            cookies: a number of 64 bits for each symbol or offset.
            retprobe: run where the functions return.
            session: run at both, by one program that knows which; None as the
                program's section says. Since Linux 6.13.
            As attach_uprobe(): binary_path, pid.

        Returns:
            The link.

        Raises:
            TypeError: not one of pattern, symbols and offsets.
            ValueError: lists of different lengths, or empty; as attach_uprobe().
            BpfError: no such binary or symbol. BpfClosedError: the object is closed.
            BpfNotSupportedError: the kernel has no such probes.

        Kernel: 6.6, CONFIG_UPROBES; CAP_PERFMON.
        Source: bpf_program__attach_uprobe_multi.
        """
    def attach_usdt(
        self,
        binary_path: StrOrBytesPath,
        provider: str,
        name: str,
        *,
        pid: int = -1,
        cookie: int | None = None,
    ) -> BpfLink:
        """Attach the program to a static tracepoint of a binary.

        Args:
            provider: the part of its name before the colon, such as 'libc'.
            name: the other part, such as 'memory_heap_new'.
            cookie: a number of 64 bits that the program gets by bpf_usdt_cookie();
                None for 0.
            As attach_uprobe(): binary_path, pid.

        Returns:
            The link. It may be several of the kernel's, so that its fd is -1.

        Raises:
            ValueError: the cookie is out of range; as attach_uprobe().
            BpfError: the binary has no such probe; the object has a program there already,
                before Linux 5.15. BpfClosedError: closed.

        Kernel: 4.17, CONFIG_UPROBES; CAP_PERFMON, older kernels CAP_SYS_ADMIN.
        Source: bpf_program__attach_usdt.
        """
    def attach_perf_event(
        self,
        event: str | tuple[int, int],
        *,
        freq: int | None = None,
        period: int | None = None,
        cpu: int | None = None,
        pid: int | None = None,
        cookie: int | None = None,
    ) -> BpfLink:
        """Attach the program to an event of the CPUs, such as a clock.

        The events are opened for it, and end with the link.

        Args:
            event: a name, such as 'cpu-clock', 'page-faults', 'cycles'; a pair (type,
                config) of perf_event_open(2); or 'breakpoint:ADDRESS:rwx:LENGTH',
                where the program runs when memory is used so.
            freq: how often a second the program runs, about.
            period: after how many events it runs; of a breakpoint 1 by default.
            cpu: a CPU's number; None for all that are online.
            pid: a process, whose threads of now are watched; 0 this one, None every
                one.
            cookie: as of attach_kprobe(), since Linux 5.15.

        Returns:
            The link, of several of the kernel's: its fd is -1, fds are theirs.

        Raises:
            ValueError: there is no event of that name; neither freq nor period, or
                both.
            BpfNotSupportedError: this machine does not count the event.
            BpfError: no such CPU or process. BpfClosedError: the object is closed.

        Kernel: 4.9; CAP_PERFMON.
        Source: bpf_program__attach_perf_event_opts.
        """
    def attach_xdp(
        self,
        interface: str | int,
        *,
        mode: Literal["skb", "driver", "drv", "hw"] | None = None,
    ) -> BpfLink:
        """Attach the program to the packets that an interface receives.

        Args:
            interface: its name or index, in this network namespace.
            mode: 'skb' works on every interface; 'driver' ('drv') is faster, where the
                driver has XDP; 'hw' runs on the card. None is the driver, if it has
                XDP, else skb.

        Returns:
            The link.

        Raises:
            ValueError: the index is no positive 31-bit number; there is no such mode.
            BpfNotSupportedError: the driver has no XDP.
            BpfError: it is taken, or its MTU is too long; also an OSError: no such
                interface. BpfClosedError: closed.

        Kernel: 5.9; CAP_NET_ADMIN.
        Source: bpf_link_create.
        """
    def attach_xdp_netlink(
        self,
        interface: str | int,
        *,
        mode: Literal["skb", "driver", "drv", "hw"] | None = None,
        replace: BpfProgram | int | bool = False,
    ) -> BpfLink:
        """Attach an XDP program by netlink, without a link of the kernel.

        It stays when the process is killed, where attach_xdp() ends with it.

        Args:
            As attach_xdp(): interface, mode.
            replace: a program, or its id, that must be there and is replaced; True for
                whatever is there.

        Returns:
            A link whose fd is -1. Its end detaches the program, unless another one is
            there by then; it must be in the same network namespace.

        Raises:
            As attach_xdp(). BpfError: what is there is not what is to be replaced.

        Kernel: 4.8, replace 5.7; CAP_NET_ADMIN.
        Source: bpf_xdp_attach, bpf_xdp_detach.
        """
    def attach_tc(
        self,
        interface: str | int,
        direction: Literal["ingress", "egress"],
        *,
        handle: int = 0,
        priority: int = 0,
        replace: bool = False,
    ) -> BpfLink:
        """Attach the program as a filter of tc to an interface.

        Its clsact is made if there is none, and goes with the last filter that an
        object has there if nobody else uses it. Filters stay when the process is killed.

        Args:
            interface: its name or index, in this network namespace.
            direction: 'ingress' for what it receives, 'egress' for what it sends.
            handle: number of the filter, 32 bits; 0: the kernel chooses.
            priority: its place, 1 to 65535, smaller ones run first; 0: the kernel
                chooses, before those that are there.
            replace: take the place of the filter of that handle and priority.

        Returns:
            A link whose fd is -1. Its end removes the filter, unless it has another
            program by then; it must be in the same network namespace.

        Raises:
            ValueError: no such direction; a number is out of range; replace without
                handle and priority.
            BpfError: there is such a filter; also an OSError: no such interface.
            BpfNotSupportedError: no clsact. BpfClosedError: closed.

        Kernel: 4.5, CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF; CAP_NET_ADMIN.
        Source: bpf_tc_hook_create, bpf_tc_attach, bpf_tc_detach, bpf_tc_hook_destroy.
        """
    def attach_tcx(
        self,
        interface: str | int,
        direction: Literal["ingress", "egress"] | None = None,
        *,
        before: BpfLink | BpfProgram | int | None = None,
        after: BpfLink | BpfProgram | int | None = None,
        first: bool = False,
        expected_revision: int = 0,
    ) -> BpfLink:
        """Attach the program to the packets of an interface, beside others, by tcx.

        They run in order, until one returns something else than TCX_NEXT; then come
        the filters of tc.

        Args:
            interface: its name or index, in this network namespace.
            direction: 'ingress' or 'egress'; None: as the section says.
            before: a link, a program or the id of one that it shall run before.
            after: the same for one that it shall run after.
            first: run before all others; it is the last one if nothing is said.
            expected_revision: that of the list of programs there; 0: any.

        Returns:
            The link.

        Raises:
            TypeError: neither direction nor section says where.
            ValueError: two places at once.
            BpfError: the neighbour is not there, the program is there already, or the
                list has another revision; also an OSError: no such interface.
            BpfNotSupportedError: the kernel has no tcx, or no link of the neighbour.
            BpfClosedError: closed.

        Kernel: 6.6, CONFIG_NET_XGRESS; CAP_NET_ADMIN.
        Source: bpf_link_create.
        """
    def attach_netkit(
        self,
        interface: str | int,
        direction: Literal["primary", "peer"] | None = None,
        *,
        before: BpfLink | BpfProgram | int | None = None,
        after: BpfLink | BpfProgram | int | None = None,
        first: bool = False,
        expected_revision: int = 0,
    ) -> BpfLink:
        """Attach the program to the packets of a netkit interface.

        Args:
            As attach_tcx(): before, after, first, expected_revision.
            interface: the primary interface of a pair, by name or index.
            direction: 'primary' for what it sends, 'peer' for what its peer sends;
                None: as the section says.

        Returns:
            The link.

        Raises:
            As attach_tcx(). BpfError: it is no netkit interface, or a peer.

        Kernel: 6.7, CONFIG_NETKIT; CAP_NET_ADMIN.
        Source: bpf_link_create.
        """
    def attach_cgroup(
        self,
        cgroup: StrOrBytesPath | int,
        *,
        before: BpfLink | BpfProgram | int | None = None,
        after: BpfLink | BpfProgram | int | None = None,
        first: bool = False,
        expected_revision: int = 0,
        preorder: bool = False,
        mode: Literal["single", "override", "multi"] | None = None,
        replace: BpfProgram | int | None = None,
    ) -> BpfLink:
        """Attach the program to a cgroup.

        Args:
            As attach_tcx(): before, after, first, expected_revision.
            cgroup: path of a cgroup of version 2, or an open descriptor of one, which
                stays the caller's.
            preorder: run before the programs of the cgroups below.
            mode: None for a link; else without one: 'single' and 'override' for one
                program, which cgroups below may not, or may, have another for; 'multi'
                for several.
            replace: a program, or its id, whose place it takes; with mode='multi' only.

        Returns:
            The link; with a mode its fd is -1, and what it attached stays when the
            process is killed.

        Raises:
            ValueError: the descriptor is negative or too large; no such mode; replace
                with another mode; two places at once.
            BpfPermissionError: a program of another mode is there.
            BpfError: it is no cgroup of version 2; also a FileNotFoundError, as of the
                path. Else as attach_tcx(). BpfClosedError: closed.

        Kernel: 5.7, order 6.17, preorder 6.15; CAP_NET_ADMIN.
        Source: bpf_link_create, bpf_prog_attach_opts.
        """
    def attach_netns(self, netns: StrOrBytesPath | int | None = None) -> BpfLink:
        """Attach the program to a network namespace.

        Args:
            netns: path, such as '/proc/PID/ns/net' or '/run/netns/NAME', or an open
                descriptor, which stays the caller's; None for this thread's.

        Returns:
            The link; the namespace may end before it.

        Raises:
            ValueError: the descriptor is negative or too large.
            BpfError: it is no network namespace, or taken (there is one flow_dissector);
                also a FileNotFoundError, as of the path. BpfClosedError: closed.

        Kernel: sk_lookup 5.9, flow_dissector 5.8; CAP_NET_ADMIN.
        Source: bpf_program__attach_netns.
        """
    def attach_sockmap(self, map: BpfMap | int) -> BpfLink:
        """Attach the program to the sockets that a map holds.

        Args:
            map: of type sockmap or sockhash, or a descriptor of one.

        Returns:
            The link; its fd is -1 on kernels before 6.10, which have no link of it.

        Raises:
            BpfError: it is a map of another type, or has a program.
            BpfClosedError: one of both is closed.

        Kernel: sk_skb 4.14, sk_msg 4.17, links 6.10; CAP_NET_ADMIN.
        Source: bpf_link_create, bpf_prog_attach.
        """
    def attach_socket_filter(self, sock: FileDescriptorLike) -> BpfLink:
        """Attach the program to a socket, whose packets it filters.

        Args:
            sock: a socket, or a descriptor of one. The link does not keep it open: who
                closes it has ended the attachment.

        Returns:
            A link whose fd is -1. Its end removes the filter.

        Raises:
            ValueError: it is no socket. BpfPermissionError: its filter is locked.
            BpfClosedError: the object is closed.

        Kernel: 3.19; no capability beyond those of the load.
        Source: setsockopt(2): SO_ATTACH_BPF, SO_DETACH_BPF.
        """
    def attach_reuseport(self, sock: FileDescriptorLike) -> BpfLink:
        """Attach the program to the sockets that share the port of one.

        A program of sk_reuseport chooses a socket of a map; a socket filter returns
        the number of the socket in the order of their bind().

        Args:
            sock: one of them, as for attach_socket_filter().

        Returns:
            A link whose fd is -1. Its end leaves the choice to the kernel.

        Raises:
            ValueError: it is no socket. BpfError: it was bound without SO_REUSEPORT.
            BpfClosedError: the object is closed.

        Kernel: 4.19, its end 5.3; no capability beyond those of the load.
        Source: setsockopt(2): SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_REUSEPORT_BPF.
        """
    def attach_netfilter(
        self,
        family: Literal["ipv4", "ipv6"],
        hook: Literal["pre_routing", "local_in", "forward", "local_out", "post_routing"],
        *,
        priority: int = 0,
        defrag: bool = False,
    ) -> BpfLink:
        """Attach the program to a hook of netfilter.

        Args:
            family: the packets that it sees, in this network namespace.
            hook: where on their way.
            priority: its place among all that hang there, as in nft; smaller first.
            defrag: have fragments put together before it.

        Returns:
            The link.

        Raises:
            ValueError, OverflowError: no such family or hook; no such priority.
            BpfError: the priority is taken, or defrag is too late for it.
            BpfNotSupportedError: the kernel has no such links. BpfClosedError: closed.

        Kernel: 6.4, defrag 6.6, CONFIG_NETFILTER_BPF_LINK; CAP_NET_ADMIN.
        Source: bpf_program__attach_netfilter.
        """
    def attach_lirc(self, path: StrOrBytesPath) -> BpfLink:
        """Attach the program to a receiver of infrared.

        Args:
            path: the device, such as '/dev/lirc0'.

        Returns:
            A link whose fd is -1; what it attached stays when the process is killed.

        Raises:
            BpfError: it is no such device; also a FileNotFoundError, as of the path.
            BpfClosedError: the object is closed.

        Kernel: 4.18, CONFIG_BPF_LIRC_MODE2; the right to open the device.
        Source: bpf_prog_attach.
        """
    def attach_iter(
        self,
        *,
        map: BpfMap | int | None = None,
        tid: int | None = None,
        pid: int | None = None,
        cgroup: StrOrBytesPath | int | None = None,
        order: Literal["self", "pre", "post", "up", "children"] | None = None,
    ) -> BpfLink:
        """Attach an iterator, which runs while its link is read.

            with obj.programs["dump_map"].attach_iter(map=counts) as link:
                print(link.read().decode())

        Args:
            map: the map whose entries SEC("iter/bpf_map_elem") walks over, or its
                descriptor; bpf_sk_storage_map and sockmap likewise.
            tid: the thread that task, task_file and task_vma look at; None for all.
            pid: the process whose threads they look at; None for all.
            cgroup: where SEC("iter/cgroup") begins: a path, an open descriptor, or a
                number that is none of those, an id. None for the root.
            order: "self" for that one alone, "pre" and "post" for those below it, before
                or behind what is below them, "up" for those above it, "children" (7.0);
                None for "pre".

        Returns:
            The link: read(), records() and iter() are a pass each. pin() makes a file
            that `cat` reads.

        Raises:
            ValueError: two of them are given, or no map. OSError: no such cgroup.
            BpfError: the program is no iterator, or the kernel refused.
            BpfClosedError: closed.

        Kernel: 5.8; tid, pid and cgroup 6.1; CAP_BPF and CAP_PERFMON.
        Source: bpf_program__attach_iter.
        """
