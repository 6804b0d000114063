# SPDX-License-Identifier: MIT
"""collector.py FILE: the same graph as lists that hold lists, and what
gc.collect() takes for it: to find what is unreachable (DEBUG_SAVEALL), then to
find it and free it. Prints both in seconds of the processor, and how many
objects were found."""
import array
import gc
import sys
import time


def read(path):
    with open(path, 'rb') as f:
        n, m = array.array('I', f.read(8))
        first = array.array('I')
        first.fromfile(f, n + 1)
        to = array.array('I')
        to.fromfile(f, m)
        return first, to, f.read(n)


def build(first, to, root):
    """Returns what lives outside: everything else is held by the graph."""
    objects = [[] for _ in root]
    for v, o in enumerate(objects):
        o.extend([objects[w] for w in to[first[v]:first[v + 1]]])
    return [objects[v] for v, is_root in enumerate(root) if is_root]


def collect():
    start = time.process_time()
    found = gc.collect()
    return time.process_time() - start, found


gc.disable()
gc.collect()
roots = build(*read(sys.argv[1]))
gc.set_debug(gc.DEBUG_SAVEALL)
find, found = collect()
gc.set_debug(0)
gc.garbage.clear()
free, again = collect()
assert again == found, (again, found)
print('%.3f %.3f %d' % (find, free, found))
