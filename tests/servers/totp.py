"""usage: totp.py SECRET — the one-time code of this half minute (RFC 6238), SECRET in base 32."""

import base64
import hashlib
import hmac
import struct
import sys
import time

digest = hmac.new(base64.b32decode(sys.argv[1]), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
start = digest[-1] & 15
print(f"{(struct.unpack_from('>L', digest, start)[0] & 0x7fffffff) % 1000000:06}")
