"""Ways in which a program tries to leave, on top of attacker.py. Each answers with what came, in short."""

HTTP, SOCKS = ('127.0.0.1', 3128), ('127.0.0.1', 1080)


def attempt(function):
    try:
        return function()
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)


def answer(sock):
    data = b''
    while True:
        chunk = sock.recv(65536)
        if not chunk:
            return data
        data += chunk


def finish(sock):
    try: sock.shutdown(socket.SHUT_WR)
    except OSError: pass  # It was cut meanwhile; reading says so.


def raw(address, data, end=True):
    with socket.create_connection(address, 20) as sock:
        sock.sendall(data)
        if end:
            sock.shutdown(socket.SHUT_WR)
        return answer(sock)


def status(data):
    line = data.split(b'\r\n', 1)[0].decode('latin1')
    return line.split(' ')[1] if line.startswith('HTTP/1.1 ') else line or 'nothing'


def connect_to(authority):
    """Of an HTTP proxy; the status it answers with."""
    def go():
        with socket.create_connection(HTTP, 20) as sock:
            sock.sendall(b'CONNECT ' + authority + b' HTTP/1.1\r\nHost: ' + authority + b'\r\n\r\n')
            return status(sock.recv(65536))
    return attempt(go)


def forward(target, headers=b'Host: api.example\r\n'):
    return attempt(lambda: status(raw(HTTP, b'GET ' + target + b' HTTP/1.1\r\n' + headers + b'Connection: close\r\n\r\n', False)))


def socks(kind, host, port, command=1):
    """The code of a SOCKS 5 proxy's answer."""
    def go():
        with socket.create_connection(SOCKS, 20) as sock:
            sock.sendall(b'\x05\x01\x00')
            if sock.recv(2) != b'\x05\x00':
                return 'no method'
            body = bytes([len(host)]) + host if kind == 3 else host
            sock.sendall(bytes([5, command, 0, kind]) + body + struct.pack('>H', port))
            got = sock.recv(10)
            return got[1] if len(got) > 1 else 'nothing'
    return attempt(go)


def look_up(host):
    try:
        return socket.gethostbyname(host)
    except (OSError, UnicodeError):
        return 'no such name'


def ask(name, kind=1):
    """The code of an answer of the name server, and how many records it has."""
    labels = b''.join(bytes([len(part)]) + part for part in name.split(b'.'))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(20)
        sock.sendto(struct.pack('>6H', 7, 0x0100, 1, 0, 0, 0) + labels + b'\0' + struct.pack('>2H', kind, 1), ('127.0.0.1', 53))
        data = sock.recv(4096)
        return [data[3] & 15, struct.unpack('>H', data[6:8])[0]]


def straight(host, port, data=b'hello'):
    """A connection without any proxy; what comes back."""
    def go():
        with socket.create_connection((host, port), 20) as sock:
            sock.sendall(data)
            finish(sock)
            return answer(sock).decode('latin1')
    return attempt(go)
