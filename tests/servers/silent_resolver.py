"""usage: silent_resolver.py ETC COMMAND...

Runs COMMAND where every look-up of a name hangs: this machine's only name server is a socket at 127.0.0.1:53 that
nobody ever reads. To be run in network and mount namespaces of its own (unshare -mn). ETC is a folder for the files
that are laid over those of /etc.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys

etc, command = sys.argv[1], sys.argv[2:]
os.makedirs(etc, exist_ok=True)
for name, text in {"resolv.conf": "nameserver 127.0.0.1\n", "nsswitch.conf": "hosts: files dns\n"}.items():
    # A machine without the file has what we want of nsswitch.conf by default.
    if name == "resolv.conf" or os.path.exists("/etc/" + name):
        with open(os.path.join(etc, name), "w") as file:
            file.write(text)
        target = os.path.realpath("/etc/" + name)
        subprocess.run(["mount", "--bind", os.path.join(etc, name), target], check=True)

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# A new network namespace has its loopback switched off.
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
request = struct.pack("16sh14x", b"lo", 0)
flags = struct.unpack_from("16sh", fcntl.ioctl(server, SIOCGIFFLAGS, request))[1]
fcntl.ioctl(server, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
server.bind(("127.0.0.1", 53))
server.set_inheritable(True)
os.execvp(command[0], command)
