#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""read_tables.py REPORT DIR - are the tables DIR/NAME.csv well formed, harmless
to a spreadsheet, and do they say what the JSON report says?"""
import csv
import json
import re
import sys

NAMES = ("findings", "sites", "types", "survivors", "generations", "runs")
NUMBER = re.compile(r"-?\d+(\.\d+)?|0x[0-9a-f]+|")


def must(claim, *about):
    if not claim:
        sys.exit("FAIL: " + " ".join(map(str, about)))


def cells_of(raw, about):
    """By hand, character by character: rows of (text, was it quoted)."""
    row, at = [], 0
    while at < len(raw):
        quoted = raw[at] == '"'
        if quoted:
            text, at = "", at + 1
            while raw[at] != '"' or raw[at + 1] == '"':
                text += raw[at]
                at += 2 if raw[at] == '"' else 1
            at += 1
        else:
            end = min(i for i in (raw.find(",", at), raw.find("\r", at)) if i >= 0)
            text, at = raw[at:end], end
        row.append((text, quoted))
        if raw[at] == ",":
            at += 1
            continue
        must(raw[at:at + 2] == "\r\n", about, "a row ends in", repr(raw[at:at + 9]))
        at += 2
        yield row
        row = []
    must(not row, about, "ends within a row")


def harmless(text, quoted, about):
    for c in text:
        must(ord(c) >= 32 and not 127 <= ord(c) < 160 and c != "\u202e",
             about, repr(text[:200]))
    if not quoted:
        must(NUMBER.fullmatch(text) or text in ("true", "false"), about, repr(text))
    else:
        must(text[:1] not in tuple("=+-@"), about, "a formula:", repr(text[:200]))


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        raw = f.read()
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.reader(f, strict=True))
    by_hand = list(cells_of(raw, path))
    must([[c[0] for c in r] for r in by_hand] == rows, path, "is read in two ways")
    head = rows[0]
    must(len(set(head)) == len(head), path, "columns")
    for row in by_hand[1:]:
        must(len(row) == len(head), path, "a row of", len(row), "cells")
        for text, quoted in row:
            harmless(text, quoted, path)
    return [dict(zip(head, row)) for row in rows[1:]]


def main():
    report_path, where = sys.argv[1:3]
    with open(report_path, encoding="utf-8") as f:
        processes = json.load(f)["processes"]
    tables = {name: read("%s/%s.csv" % (where, name)) for name in NAMES}
    must(len(tables["runs"]) == len(processes), "runs")
    must(len(tables["generations"]) == 3 * len(processes), "generations")
    for p, run in zip(processes, tables["runs"]):
        key = (str(p["pid"]), str(p["serial"]))
        of = {name: [r for r in rows if (r["pid"], r["serial"]) == key]
              for name, rows in tables.items()}
        must(run["ended"] == p["ended"] and run["verdict"] == p["verdict"], "a run")
        for figure, n in p["summary"].items():
            must(int(run[figure]) == n, "runs:", figure)
        must([(r["id"], r["kind"], int(r["bytes"])) for r in of["findings"]]
             == [(f["id"], f["kind"], f["bytes"]) for f in p["findings"]], "findings")
        for column, figure in (("inuse_space", "live_bytes"),
                               ("inuse_objects", "live_blocks"),
                               ("alloc_space", "allocated_bytes"),
                               ("alloc_objects", "allocations")):
            must(sum(int(r[column]) for r in of["sites"]) == p["summary"][figure],
                 "sites:", column)
        must(sum(int(r["objects"]) for r in of["types"])
             == p["summary"]["objects_live"], "types: objects")
        must([int(r["bytes"]) for r in of["survivors"]]
             == [s["bytes"] for s in p["survivors"]], "survivors")
        must([int(r["collections"]) for r in of["generations"]]
             == [g["collections"] for g in p["collector"]["generations"]], "generations")
    print(" ".join("%s:%d" % (name, len(rows)) for name, rows in tables.items()))


if __name__ == "__main__":
    main()
