"""delay.py NAME MS: makes the TUN device NAME, which gives every packet back MS milliseconds later."""

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

name, delay = sys.argv[1], float(sys.argv[2]) / 1000
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
waiting = collections.deque()
while True:
    timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    if select.select([tun], [], [], timeout)[0]:
        packet = os.read(tun, 65536)
        if len(waiting) < 10000:
            waiting.append((time.monotonic() + delay, packet))
    while waiting and waiting[0][0] <= time.monotonic():
        try:
            os.write(tun, waiting.popleft()[1])
        except OSError:
            pass  # Refused by the kernel: lost, as on a real line.
