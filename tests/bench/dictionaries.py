# SPDX-License-Identifier: MIT
# dictionaries.py ROUNDS - dictionaries of strings to lists, one after the other
import sys

for _ in range(int(sys.argv[1])):
    d = {str(i): [i, str(i * 3)] for i in range(200000)}
