#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""read_profiles.py SCHEMA REPORT DIR [PID] - are the profiles in DIR well formed,
and do their sums say what the JSON report says (of one process)?

DIR holds VALUE.folded, speedscope.json, pprof.txt (of protoc --decode) and, of
one process, massif.out."""
import json
import re
import sys

import jsonschema

SUMS = {"inuse_space": "live_bytes", "inuse_objects": "live_blocks",
        "alloc_space": "allocated_bytes", "alloc_objects": "allocations"}


def must(claim, *about):
    if not claim:
        sys.exit("FAIL: " + " ".join(map(str, about)))


def plain(text, about):
    for c in text:
        must(ord(c) >= 32 and not 127 <= ord(c) < 160 and c not in "\u202e",
             about, repr(text[:200]))
    return text


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as f:
        text = f.read()
    must(text == "" or text.endswith("\n"), path, "ends within a line")
    return [plain(line, path) for line in text.split("\n")[:-1]]


def read_folded(path, wanted):
    total, seen = 0, set()
    for line in lines(path):
        m = re.fullmatch(r"(.+) (\d+)", line)
        must(m, path, repr(line))
        must(all(f != "" for f in m[1].split(";")), path, repr(line))
        must(m[1] not in seen, path, "twice:", m[1])
        seen.add(m[1])
        total += int(m[2])
    must(total == wanted, path, total, "and not", wanted)
    return seen


def read_speedscope(path, schema, wanted):
    with open(path, encoding="utf-8") as f:
        s = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(s, schema)
    n = len(s["shared"]["frames"])
    must([p["name"] for p in s["profiles"]] == list(SUMS), "speedscope: profiles")
    for p in s["profiles"]:
        must(len(p["samples"]) == len(p["weights"]), p["name"])
        must(all(i < n for stack in p["samples"] for i in stack), p["name"])
        must(sum(p["weights"]) == p["endValue"] == wanted[p["name"]], p["name"])
    return s


def parse_message(tokens):
    """Of protoc's text: a list of (field, value or message)."""
    m = []
    for line in tokens:
        line = line.strip()
        if line == "}":
            return m
        if line.endswith("{"):
            m.append((line[:-1].strip(), parse_message(tokens)))
        else:
            field, value = line.split(": ", 1)
            must(not field.isdigit(), "pprof: a field that is not in the proto:", line)
            m.append((field, value))
    return m


def all_of(m, field):
    return [v for f, v in m if f == field]


def one(m, field):
    found = all_of(m, field)
    must(len(found) <= 1, "pprof:", field, "more than once")
    return found[0] if found else "0"


def number(m, field):
    return int(one(m, field))


def by_id(profile, field):
    of = {number(m, "id"): m for m in all_of(profile, field)}
    must(0 not in of and len(of) == len(all_of(profile, field)), "pprof: ids of", field)
    return of


def read_pprof(path, wanted):
    with open(path, encoding="utf-8") as f:
        profile = parse_message(iter(f.readlines()))
    texts = all_of(profile, "string_table")
    must(texts[0] == '""', "pprof: the first string")

    def text(m, field):
        must(number(m, field) < len(texts), "pprof:", field, "is no string")
        return texts[number(m, field)][1:-1]

    mappings, locations, functions = (
        by_id(profile, f) for f in ("mapping", "location", "function"))
    for m in mappings.values():
        must(number(m, "memory_start") < number(m, "memory_limit"), "pprof: a mapping")
        must(text(m, "filename") != "", "pprof: a mapping without a file")
    for f in functions.values():
        must(text(f, "name") != "", "pprof: a function without a name")
        text(f, "filename")
    for where in locations.values():
        of = number(where, "mapping_id")
        if of:
            must(number(mappings[of], "memory_start") <= number(where, "address")
                 < number(mappings[of], "memory_limit"), "pprof: an address", where)
        for line in all_of(where, "line"):
            must(number(line, "function_id") in functions, "pprof: a line", line)
    types = [text(t, "type") for t in all_of(profile, "sample_type")]
    must(types == ["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"],
         types)
    sums = dict.fromkeys(types, 0)
    for sample in all_of(profile, "sample"):
        values = all_of(sample, "value")
        must(len(values) == len(types), "pprof: values")
        must(all_of(sample, "location_id"), "pprof: a sample without a place")
        for i in all_of(sample, "location_id"):
            must(int(i) in locations, "pprof: location", i)
        for name, v in zip(types, values):
            sums[name] += int(v)
    must(sums == wanted, "pprof:", sums, "and not", wanted)
    must(text(profile, "default_sample_type") == "inuse_space", "pprof: default")
    must(number(profile, "time_nanos") > 0, "pprof: time")
    must(any(text(m, "build_id") for m in mappings.values()), "pprof: build-ids")
    return [text(f, "name") for f in functions.values()], profile


def read_tree(rows, depth, most):
    m = re.fullmatch(r" {%d}n(\d+): (\d+) (.+)" % depth, next(rows))
    must(m, "massif: no line of a tree")
    bytes_ = int(m[2])
    must(bytes_ <= most, "massif: a child is larger than its parent")
    left = bytes_
    for _ in range(int(m[1])):
        left -= read_tree(rows, depth + 1, left)
    return bytes_


def read_massif(path, wanted):
    rows = iter(lines(path))
    for head in ("desc: ", "cmd: ", "time_unit: ms"):
        must(next(rows).startswith(head), "massif:", head)
    snapshots, peak, time = 0, None, 0.0

    def field(name):
        row = next(rows)
        must(row.startswith(name + "="), "massif:", row, "and not", name)
        return row[len(name) + 1:]

    for row in rows:
        must(row == "#-----------", "massif:", row)
        must(int(field("snapshot")) == snapshots, "massif: number", snapshots)
        must(next(rows) == "#-----------", "massif: a separator")
        was, time = time, float(field("time"))
        must(time >= was, "massif: times")
        heap = int(field("mem_heap_B"))
        must(field("mem_heap_extra_B") == field("mem_stacks_B") == "0", "massif")
        tree = field("heap_tree")
        must(tree in ("empty", "detailed", "peak"), "massif:", tree)
        if tree != "empty":
            must(read_tree(rows, 0, heap) == heap, "massif: a tree's sum")
        if tree == "peak":
            must(peak is None, "massif: two peaks")
            peak = heap
        snapshots += 1
    must(snapshots <= 100, "massif:", snapshots, "snapshots")
    must(peak == wanted["peak_bytes"], "massif: peak", peak)
    must(heap == wanted["live_bytes"], "massif: the end", heap)


def main():
    schema_path, report_path, where = sys.argv[1:4]
    pid = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    with open(report_path, encoding="utf-8") as f:
        processes = [p for p in json.load(f)["processes"] if pid in (0, p["pid"])]
    with open(schema_path, encoding="utf-8") as f:
        schema = json.load(f)
    wanted = {v: sum(p["summary"][key] for p in processes)
              for v, key in SUMS.items()}
    for v, n in wanted.items():
        read_folded("%s/%s.folded" % (where, v), n)
    read_speedscope(where + "/speedscope.json", schema, wanted)
    read_pprof(where + "/pprof.txt", wanted)
    if len(processes) == 1:
        read_massif(where + "/massif.out", processes[0]["summary"])
    print(len(processes), "whole")


if __name__ == "__main__":
    main()
