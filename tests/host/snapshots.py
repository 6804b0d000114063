#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""snapshots.py TRACE [EXPRESSION] - the snapshots of a trace, read by the letter
of ouro_trace.h; says what breaks its rules. The expression sees `s`, the last
snapshot, and `all`: word(at), region(at), regions, threads, begin, end."""
import struct
import sys

MASK = (1 << 64) - 1


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def u(self):
        first = self.byte()
        if first == 0:
            self.at += 8
            return struct.unpack_from("<Q", self.data, self.at - 8)[0]
        n = (first & -first).bit_length()
        self.at += n - 1
        raw = self.data[self.at - n:self.at]
        assert len(raw) == n, "a number runs past its record"
        return int.from_bytes(raw, "little") >> n

    def s(self):
        v = self.u()
        return v >> 1 ^ -(v & 1)

    def text(self):
        n = self.u()
        self.at += n
        return self.data[self.at - n:self.at].decode(errors="replace")


class Snapshot:
    def __init__(self, number, stamp):
        self.number, self.stamp = number, stamp
        self.begin = self.end = None
        self.threads, self.regions, self.words = [], [], {}
        self.bytes = 0

    def word(self, at):
        return self.words.get(at, 0)

    def region(self, at):
        return next((r for r in self.regions
                     if r["start"] <= at < r["start"] + r["len"]), None)

    def record(self, kind, r):
        assert not self.end, "a record after END"
        assert (kind == 1) == (self.begin is None), "BEGIN is not the first"
        if kind == 1:
            keys = ("why", "mode", "flags")
            self.begin = {k: r.byte() for k in keys}
            self.begin.update(epoch=r.u(), os_thread=r.u(), malloc=r.u(),
                              tls=r.s(), tls_len=r.u(), name=r.text())
        elif kind == 2:
            t = {"thread": r.u(), "os_thread": r.u(), "seen": r.byte()}
            for k in ("sp", "sure", "end", "tp"):
                t[k] = r.u()
            t["registers"] = [r.u() for _ in range(r.u())]
            self.threads.append(t)
        elif kind == 3:
            g = {"start": r.u(), "len": r.u(), "what": r.byte(),
                 "flags": r.byte(), "path": r.text()}
            if self.regions:
                last = self.regions[-1]
                assert g["start"] >= last["start"] + last["len"], "order"
            self.regions.append(g)
        elif kind == 4:
            self.read_words(r)
        elif kind == 5:
            keys = ("regions", "read", "told", "unreadable", "pause", "ns")
            self.end = {k: r.u() for k in keys}
            assert self.end["regions"] == len(self.regions), "regions"
            assert self.end["told"] == len(self.words), "words told"
        assert r.at == len(r.data), "a record of another length"

    def read_words(self, r):
        at, last = r.u(), 0
        g = self.regions[-1]
        while r.at < len(r.data):
            head = r.u()
            at += 8 * (head >> 2)
            kind = head & 3
            if kind == 0:
                v = r.u()
                assert v < 1 << 16
            elif kind == 1:
                v = at + 8 * r.s() & MASK
            elif kind == 2:
                v = last = last + r.s() & MASK
            else:
                r.at += 8
                v = struct.unpack_from("<Q", r.data, r.at - 8)[0]
            assert g["start"] <= at <= g["start"] + g["len"] - 8, "outside"
            assert at % 8 == 0 and at > self.last_word, "order of words"
            self.last_word = at
            self.words[at] = v
            at += 8

    last_word = -1


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    granule, at = struct.unpack_from("<II", data, 16)
    found = {}
    while at + 64 <= len(data):
        magic, kind, length, number = struct.unpack_from("<IIII", data, at)
        if magic != 0x6b6e6843:
            at += granule
            continue
        if kind == 2:
            stamp, _, committed = struct.unpack_from("<QQQ", data, at + 16)
            s = found.setdefault(number, Snapshot(number, stamp))
            assert s.stamp == stamp
            assert at + length <= len(data), "cut"
            s.bytes += length
            r = Reader(data[at + 64:at + 64 + committed])
            while r.at < committed:
                what = r.byte()
                n = r.u()
                s.record(what, Reader(r.data[r.at:r.at + n]))
                r.at += n
            assert r.at == committed, "a record runs past its chunk"
        at += length
    return [found[k] for k in sorted(found)]


if __name__ == "__main__":
    every = read(sys.argv[1])
    if len(sys.argv) > 2:
        print(eval(sys.argv[2], {"all": every, "s": every[-1] if every else None}))
    else:
        for one in every:
            print(one.number, one.begin, one.end, one.bytes, "bytes")
            for t in one.threads:
                print(t)
            for g in one.regions:
                print("%x-%x" % (g["start"], g["start"] + g["len"]), g["what"],
                      g["path"])
