"""A function served with asyncio. docs/runtimes.md has what it is told and what it says."""

import argparse
import asyncio
import os
import socket

MAX_PAYLOAD_BYTES = 1472
# How long a stop waits for replies that the kernel could not take at once.
DRAIN_SECONDS = 0.5


def expand(payload):
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError("more than an Ethernet frame holds")
    return (payload + payload)[:MAX_PAYLOAD_BYTES]


FUNCTIONS = {"reverse": lambda payload: payload[::-1], "echo": lambda payload: payload, "expand": expand, "upper": bytes.upper}


class Server(asyncio.DatagramProtocol):
    def __init__(self, run, refused, given):
        self.run, self.refused, self.given = run, refused, given
        self.longest_queue = given.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        self.received = self.handled = self.function_failed = self.refused_source = self.send_failed = 0
        self.closed = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, request, peer):
        self.received += 1
        if peer[1] in self.refused:
            self.refused_source += 1
            return
        try:
            reply = self.run(request)
        except Exception:
            self.function_failed += 1
            return
        self.handled += 1
        # What the kernel has no room for waits in asyncio: as much again, and no more.
        if self.transport.get_write_buffer_size() > self.longest_queue:
            self.send_failed += 1
        elif reply:
            self.transport.sendto(reply, peer)
        else:
            self.send_empty(peer)

    def send_empty(self, peer):
        """asyncio leaves a datagram without payload unsent before Python 3.12."""
        try:
            self.given.sendto(b"", peer)
        except OSError:
            self.send_failed += 1

    def error_received(self, error):
        self.send_failed += 1

    def connection_lost(self, error):
        self.closed.set()

    def print_counters(self):
        replied = self.handled - self.send_failed
        print(
            f"received={self.received} handled={self.handled} replied={replied} functionFailed={self.function_failed} "
            f"refusedSource={self.refused_source} sendFailed={self.send_failed}",
            flush=True,
        )


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--function", choices=FUNCTIONS, default="reverse")
    parser.add_argument("--refuse", default="")
    options, _ = parser.parse_known_args()
    refused = frozenset([*range(1024), *(int(port) for port in options.refuse.split(",") if port)])

    loop = asyncio.get_running_loop()
    given = socket.socket(fileno=3)
    _, server = await loop.create_datagram_endpoint(
        lambda: Server(FUNCTIONS[options.function], refused, given), sock=given
    )
    stopped = asyncio.Event()
    rest = b""

    def on_input():
        nonlocal rest
        text = os.read(0, 4096)
        *lines, rest = (rest + text).split(b"\n")
        for line in lines:
            if line == b"count":
                server.print_counters()
        if not text or b"stop" in lines:
            loop.remove_reader(0)
            stopped.set()

    loop.add_reader(0, on_input)
    print("ready", flush=True)
    await stopped.wait()
    server.transport.close()
    try:
        await asyncio.wait_for(server.closed.wait(), DRAIN_SECONDS)
    except asyncio.TimeoutError:
        pass
    server.print_counters()


asyncio.run(main())
