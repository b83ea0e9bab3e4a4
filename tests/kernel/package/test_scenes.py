# SPDX-License-Identifier: MIT
"""What using it is meant to feel like: the shapes of events, verbatim."""

from support import child
from support.gating import kernel
from support.objects import Find

SHAPES = """
import asyncio, struct, sys
import tinybpf
from support import traffic

class Store:
    def insert(self, records):
        print("insert", [record.seq for record in records])

store = Store()
trigger = traffic.Trigger()

def fire(count):
    obj.maps["config"][0] = struct.pack("=QII", trigger.cookie, count, 0)
    trigger.fire()

async def main():
    queue = asyncio.Queue()
    async with tinybpf.BpfRingBuffer(obj.maps["events"], event_type="event") as events:
        fire(3)
        async for e in events:
            await queue.put(e)
            if queue.qsize() == 3:
                break
    print("queue", [queue.get_nowait().seq for _ in range(3)])

with tinybpf.load(sys.argv[1]) as obj, obj.attach():
    asyncio.run(main())

    rb = tinybpf.BpfRingBuffer(obj.maps["events"], event_type="event")
    for running in True, False:
        if running:
            fire(2)
        store.insert(rb.read(max_events=4096, timeout=0.1))
    fire(4)
    cols = rb.read_columns(timeout=1.0)
    print("columns", cols["seq"].tolist(), cols["begun"].format)
    print(obj.maps["cpus"].read_columns().names)
    print(rb.stats())
    rb.close()
"""


@kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")
def test_shapes_of_events_run_as_written(bpf: Find) -> None:
    """asyncio, batches, columns of a ring and of a map, and the line of what went through."""
    printed = child.output(SHAPES, bpf("flood")).splitlines()
    assert printed[:4] == [
        "queue [0, 1, 2]",
        "insert [3, 4]",
        "insert []",
        "columns [5, 6, 7, 8] Q",
    ]
    assert printed[4] == "('key', 'value.n', 'value.ended', 'cpu')"
    assert printed[5].startswith("records=6 bytes=192 lost=0 fill=0% high_water=")
