# SPDX-License-Identifier: MIT
"""Programs started in the ways that tests start them."""
import subprocess


def test_ring():
    subprocess.run(["./ring"], check=True)


def test_shell(tmp_path):
    assert subprocess.getoutput(f"./ring && echo $PPID > {tmp_path}/x") == ""


def test_nothing():
    pass
