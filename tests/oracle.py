#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""oracle.py TRIALS - what CPython's own collector finds in random graphs

Objects are plain lists that hold each other; each count is what the lists and
an unseen number of outside holders make it (fewer than the lists hold, too).
Some lists are in older generations than the one that is collected.

Prints one line of integers a trial:
    n m  n times count  n times candidate  m times (owner, target)  n times found
and nothing but "skip: why" where this interpreter cannot serve.
"""
import ctypes
import gc
import random
import sys


def count_cell(address):
    """The reference count itself: reading it through Python would change it."""
    kind = ctypes.c_uint32 if sys.version_info >= (3, 12) else ctypes.c_ssize_t
    return kind.from_address(address)


def build(rng, nodes, size):
    """Fills `nodes` with lists, the first ones in older generations."""
    steps = sorted(rng.sample(range(size + 1), min(2, size + 1)))
    older = rng.choice([0, 1, 2]) if sys.version_info < (3, 14) else 0
    for i in range(size):
        if older == 2 and i == steps[0]:
            gc.collect(0)
            gc.collect(1)
        if older >= 1 and i == steps[-1]:
            gc.collect(0)
        nodes.append([])


def connect(rng, nodes):
    """Random edges; returns them as (owner, target), repeats included."""
    edges = []
    dense = rng.choice([0.3, 0.8, 1.2, 2.5])
    for i in range(len(nodes)):
        for _ in range(int(rng.random() * 2 * dense + 0.5)):
            j = rng.randrange(len(nodes))
            nodes[i].append(nodes[j])
            edges.append((i, j))
    return edges


def choose_outside(rng, size, edges):
    """Counts that no list explains; negative where there are enough."""
    rare = rng.choice([0.02, 0.1, 0.3])
    outside = [int(rng.random() < rare) for _ in range(size)]
    if rng.random() < 0.3:
        victim = rng.randrange(size)
        if sum(j == victim for _, j in edges) >= 2:
            outside[victim] = -1
    return outside


def trial(seed):
    rng = random.Random(seed)
    size = rng.randint(1, 40)
    nodes = []
    gc.freeze()
    build(rng, nodes, size)
    edges = connect(rng, nodes)
    outside = choose_outside(rng, size, edges)
    oldest = rng.choice([0, 1, 2]) if sys.version_info < (3, 14) else 2
    addresses = [id(x) for x in nodes]
    young = set()
    for generation in range(oldest + 1):
        young.update(id(x) for x in gc.get_objects(generation=generation))
    candidate = [int(a in young) for a in addresses]

    # `nodes` is frozen, so what it holds would count as held from outside
    cells = [count_cell(a) for a in addresses]
    for cell, more in zip(cells, outside):
        cell.value += more - 1
    counts = [cell.value for cell in cells]
    gc.collect(oldest)
    found = {id(x) for x in gc.garbage}
    for cell, more in zip(cells, outside):
        cell.value -= more - 1
    gc.garbage.clear()
    for x in nodes:
        x.clear()

    flat = [v for edge in edges for v in edge]
    print(size, len(edges), *counts, *candidate, *flat,
          *(int(a in found) for a in addresses))


def main():
    if sys.implementation.name != "cpython" or hasattr(sys, "gettotalrefcount"):
        print("skip: not a release build of CPython")
        return
    if sys.version_info < (3, 8):
        print("skip: this python3 cannot list a generation")
        return
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        print("skip: counts of a build without the GIL are not one number")
        return
    gc.disable()
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    for seed in range(int(sys.argv[1])):
        trial(seed)


main()
