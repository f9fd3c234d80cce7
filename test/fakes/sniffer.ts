/**
 * Python code of a client with a raw view: sends each payload (hex) from port 4000 to ADDRESS PORT, and prints the frame
 * of each UDP reply as hex, one a line; "none" after a second of silence.
 */
export const sniffingClient = `
import socket, sys
interface, address, port, payloads = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(',')
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
raw.bind((interface, 0))
raw.settimeout(1)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(('', 4000))
for payload in payloads:
    udp.sendto(bytes.fromhex(payload), (address, port))
    try:
        while True:
            frame = raw.recv(2048)
            if frame[12:14] == b'\\x08\\x00' and frame[23] == 17 and frame[36:38] == (4000).to_bytes(2, 'big'):
                break
        print(frame.hex())
    except TimeoutError:
        print('none')
`;
