#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schedule_oracle.py TRIALS - when CPython collects, what, and what it finds

Random sequences of creations (kept, or garbage that holds itself), deaths,
explicit collections, thresholds, enabling and freezing are run under CPython's
own collector. Between the first and the last of a sequence no other container
is made.

Prints one line of integers a trial:
    n  n times (operation, a, b, c)  3 counts  3 times (collections, collected)
    3 times objects in that generation
and nothing but "skip: why" where this interpreter cannot serve.
"""
import gc
import random
import sys

CREATE, GARBAGE, DROP, COLLECT, THRESHOLD, ENABLE, DISABLE, FREEZE = range(8)
COMMON = [CREATE] * 40 + [GARBAGE] * 8 + [DROP] * 12
RARE = [COLLECT, THRESHOLD, ENABLE, DISABLE, FREEZE]


class Node:
    """A container that no free list keeps."""
    __slots__ = ("held",)


def choose(rng):
    """A sequence of (operation, (a, b, c)), with few rare ones."""
    ops = [(COLLECT, (2, 0, 0)), (ENABLE, (0, 0, 0)),
           (THRESHOLD, (rng.randint(1, 20), rng.randint(0, 4),
                        rng.randint(0, 4)))]
    alive = []
    made = 0
    for _ in range(rng.randint(1, 1200)):
        op = rng.choice(RARE if rng.random() < 0.01 else COMMON)
        a = b = c = 0
        if op == CREATE:
            a = made
            alive.append(made)
            made += 1
        elif op == DROP:
            if not alive:
                continue
            a = alive.pop(rng.randrange(len(alive)))
        elif op == COLLECT:
            a = rng.randint(0, 2)
        elif op == THRESHOLD:
            a, b, c = rng.randint(0, 20), rng.randint(0, 4), rng.randint(0, 4)
        ops.append((op, (a, b, c)))
    return ops, made


def run(steps, keep):
    """Makes no container but Nodes, no tuple of arguments either."""
    collect = gc.collect
    threshold = gc.set_threshold
    freeze = gc.freeze
    enable = gc.enable
    disable = gc.disable
    node = Node
    for op, abc in steps:
        a = abc[0]
        if op == CREATE:
            keep[a] = node()
        elif op == GARBAGE:
            x = node()
            x.held = x
            del x
        elif op == DROP:
            keep[a] = None
        elif op == COLLECT:
            collect(a)
        elif op == THRESHOLD:
            threshold(*abc)
        elif op == ENABLE:
            enable()
        elif op == DISABLE:
            disable()
        else:
            freeze()
    disable()


def trial(seed):
    ops, made = choose(random.Random(seed))
    keep = [None] * made
    gc.collect()
    before = gc.get_stats()
    steps = iter(ops)  # outlives the run: its death would count
    gc.freeze()
    run(steps, keep)
    counts = gc.get_count()
    after = gc.get_stats()
    lives = [sum(type(x) is Node for x in gc.get_objects(generation=k))
             for k in range(3)]
    found = [new[key] - old[key] for old, new in zip(before, after)
             for key in ("collections", "collected")]
    keep.clear()
    gc.unfreeze()
    flat = [v for op, abc in ops for v in (op, *abc)]
    print(len(ops), *flat, *counts, *found, *lives)


def main():
    if sys.implementation.name != "cpython":
        print("skip: not CPython")
        return
    if not (3, 8) <= sys.version_info < (3, 12):
        print("skip: this python3 collects at other moments")
        return
    gc.disable()
    for seed in range(int(sys.argv[1])):
        trial(seed)


main()
