"""Work for the unwinder's test: C, Python and threads on one stack."""
import json
import re
import threading


def nest(n):
    return [n] * 5 if n == 0 else nest(n - 1)


def work(rounds):
    for i in range(rounds):
        json.loads(json.dumps({str(k): list(range(k % 7)) for k in range(30)}))
        nest(i % 100)
        re.compile("a%d+(b|c)*" % i)
        sorted([str(k) * 40 for k in range(20)], key=lambda s: s[::-1] * 2)
        eval("[x * 'abcdefghij' for x in range(20)]")


threads = [threading.Thread(target=work, args=(60,)) for _ in range(4)]
for t in threads:
    t.start()
work(300)
for t in threads:
    t.join()
