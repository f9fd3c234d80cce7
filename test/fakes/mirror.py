"""Sends every UDP frame of an interface back as it came, but for its two MAC addresses; after the word `swap`, for all of its
ends."""
import socket, sys

frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
frames.bind((sys.argv[1], 0))
room = bytearray(2048)
while True:
    size, (_, _, kind, _, _) = frames.recvfrom_into(room)
    if kind == socket.PACKET_OUTGOING or room[23] != socket.IPPROTO_UDP:
        continue
    room[0:6], room[6:12] = room[6:12], room[0:6]
    if 'swap' in sys.argv:
        room[26:30], room[30:34] = room[30:34], room[26:30]
        room[34:36], room[36:38] = room[36:38], room[34:36]
    frames.send(memoryview(room)[:size])
