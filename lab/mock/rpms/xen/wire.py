"""The migration stream: xl's header, libxl's and libxc's records as the true ones write them.

Page records list every page with its number but as type XALLOC, which carries no content: 8 bytes a page instead of
4096, so that a decoder on the way counts true pages and rounds while the transport moves one part in 512. What a guest's
registers and devices are to a true one (HVM_CONTEXT) is here a JSON text.
"""
import array
import json
import os
import select
import struct

BANNER = b'xl migration receiver ready, send binary domain data.\n'
READY = b'domain received, ready to unpause'
GO = b'domain is yours, you are cleared to unpause'
REPORT = b'my copy unpause results are as follows'

MAGIC = b'Xen saved domain, xl format\n \0 \r'
END, PAGE_DATA, HVM_CONTEXT, STATIC_DATA_END = 0, 1, 9, 16
LIBXC_CONTEXT = 1
XALLOC = 0xe << 60
BATCH_PAGES = 1024
DOMAIN_HVM = 2


class Gone(Exception):
    """The other end closed the stream."""


def _record(kind, body):
    return struct.pack('<II', kind, len(body)) + body + b'\0' * (-len(body) % 8)


def opening(config):
    """Bytes up to the first page, and the length that xl prints as "info 0x3/0x0/LENGTH"."""
    text = json.dumps(config).encode()
    header = MAGIC.ljust(32, b'\0')[:32] + struct.pack('=IIII', 0x01020304, 3, 0, len(text))
    libxl = struct.pack('>QII', 0x4c6962786c466d74, 2, 0) + _record(LIBXC_CONTEXT, b'')
    libxc = struct.pack('>QIIHHI', 0xffffffffffffffff, 0x58454e46, 3, 0, 0, 0)
    domain = struct.pack('<IHHII', DOMAIN_HVM, 12, 0, 4, 19)
    return header + text + libxl + libxc + domain + _record(STATIC_DATA_END, b''), len(text)


def page_batches(pages):
    """Pairs (pages in the batch, its bytes), in rising order of page numbers."""
    for first in range(0, pages, BATCH_PAGES):
        count = min(BATCH_PAGES, pages - first)
        numbers = array.array('Q', range(XALLOC + first, XALLOC + first + count))
        yield count, _record(PAGE_DATA, struct.pack('<II', count, 0) + numbers.tobytes())


def closing(context):
    """The guest's own state, the end of libxc's records and the end of libxl's."""
    return _record(HVM_CONTEXT, json.dumps(context).encode()) + _record(END, b'') + _record(END, b'')


class Reader:
    """Reads exactly what is asked from a descriptor; Gone at its end."""

    def __init__(self, fd):
        self.fd = fd
        self._buffer = bytearray()

    def exactly(self, count):
        while len(self._buffer) < count:
            data = os.read(self.fd, 1 << 16)
            if not data:
                raise Gone
            self._buffer += data
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def record(self):
        kind, length = struct.unpack('<II', self.exactly(8))
        body = self.exactly(length + -length % 8)
        return kind, body[:length]

    def closed_within(self, seconds):
        """Waits that long for the other end's close; anything it says meanwhile would be a close as well."""
        ready, _, _ = select.select([self.fd], [], [], max(0.0, seconds))
        return bool(ready)


def read_opening(reader):
    """The sender's configuration and its length, up to the first page."""
    header = reader.exactly(48)
    if not header.startswith(MAGIC):
        raise Gone
    length = struct.unpack_from('=I', header, 44)[0]
    config = json.loads(reader.exactly(length))
    reader.exactly(16)
    reader.record()
    return config, length


def read_image_header(reader):
    reader.exactly(24 + 16)


def page_count(body):
    return struct.unpack_from('<I', body)[0]


def write(fd, data):
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(fd, view):]
    except BrokenPipeError as error:
        raise Gone from error
