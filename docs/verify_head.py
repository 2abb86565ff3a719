"""Verify a signed head of the audit log: python3 verify_head.py PACK.zip|FILE.json [PUBLIC_KEY]

Standard library only; Ed25519 as RFC 8032 describes it. Exit 1: not valid. The key in the file
proves nothing by itself: compare it with the one that the programme office publishes.
"""

import base64
import json
import sys
import zipfile
from hashlib import sha256, sha512
from pathlib import Path

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    """The sum of two points of the curve, in extended coordinates."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decoded(raw):
    """The point encoded by 32 bytes; None where they encode none."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P:
        return None
    if x & 1 != raw[31] >> 7:
        x = P - x
    return x, y, 1, x * y % P


def is_valid(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decoded(public), decoded(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(s, decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))), None
    right = add(r, times(h, a))
    return not any((left[i] * right[2] - right[i] * left[2]) % P for i in (0, 1))


if zipfile.is_zipfile(sys.argv[1]):
    text = zipfile.ZipFile(sys.argv[1]).read("audit-head.json")
else:
    text = Path(sys.argv[1]).read_bytes()
head = json.loads(text)
public = base64.b64decode(sys.argv[2] if len(sys.argv) > 2 else head["public_key"])
signed = {key: head[key] for key in ("number", "length", "hash", "sealed_at", "key")}
signed["kind"] = "audit-log-head-1"
message = json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()
valid = sha256(public).hexdigest()[:16] == head["key"]
valid = valid and is_valid(public, message, base64.b64decode(head["signature"]))
print(f"head {head['number']}: {head['length']} entries, {head['hash']}")
print(f"key {head['key']}, public {base64.b64encode(public).decode()}")
print("signature valid" if valid else "SIGNATURE NOT VALID")
sys.exit(not valid)
