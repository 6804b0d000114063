# SPDX-License-Identifier: MIT
"""pytest_ouro.py - records the programs that tests start, and fails the run
where they leak what the baseline does not know

    pytest -p pytest_ouro --ouro-baseline=ouro-baseline.json
    pytest -p pytest_ouro --ouro-baseline=ouro-baseline.json --ouro-write

The file must be where Python looks (PYTHONPATH, or beside conftest.py). Each
test's programs are recorded into a directory with the test's name, below
.ouro/ or --ouro-dir; the tests need not change. The second line writes the
baseline. Python itself is not recorded, and without --ouro-baseline nothing is.
"""
import os
import pathlib
import re
import shutil
import subprocess

import pytest


def pytest_addoption(parser):
    group = parser.getgroup("ouro")
    group.addoption("--ouro-baseline", metavar="FILE",
                    help="record what tests start, and compare with FILE")
    group.addoption("--ouro-write", action="store_true",
                    help="write FILE from what is found")
    group.addoption("--ouro-dir", metavar="DIR", default=".ouro",
                    help="where recordings go (default: .ouro)")


def pytest_configure(config):
    if config.getoption("--ouro-baseline"):
        config.pluginmanager.register(Recorder(config), "ouro-recorder")


def find_guest(ouro):
    """libouro.so of this ouro: beside it (a build tree), or installed."""
    here = pathlib.Path(ouro).resolve().parent
    for place in (here, here.parent / "lib/ouro"):
        if (place / "libouro.so").exists():
            return str(place / "libouro.so")
    raise pytest.UsageError(f"no libouro.so belongs to {ouro}")


class Recorder:
    def __init__(self, config):
        self.ouro = shutil.which("ouro")
        if not self.ouro:
            raise pytest.UsageError("--ouro-baseline: no ouro in PATH")
        self.guest = find_guest(self.ouro)
        self.baseline = config.getoption("--ouro-baseline")
        self.write = config.getoption("--ouro-write")
        self.dir = pathlib.Path(config.getoption("--ouro-dir")).absolute()
        self.said = ""
        self.clear()

    def clear(self):
        """Takes away the last run's recordings, and nothing else."""
        self.dir.mkdir(parents=True, exist_ok=True)
        for old in self.dir.glob("*.ouro"):
            shutil.rmtree(old, ignore_errors=True)

    @pytest.fixture(autouse=True)
    def ouro_records(self, request, monkeypatch):
        """What this test starts finds the guest in its environment."""
        name = re.sub(r"[^A-Za-z0-9_.\[\]-]+", "_", request.node.nodeid)
        before = os.environ.get("LD_PRELOAD")
        monkeypatch.setenv(
            "LD_PRELOAD", f"{self.guest}:{before}" if before else self.guest)
        monkeypatch.setenv("OURO_DIR", str(self.dir / f"{name}.ouro"))

    def pytest_sessionfinish(self, session):
        recordings = sorted(map(os.path.relpath, self.dir.glob("*.ouro")))
        if not recordings:
            self.said = "nothing was recorded: no test started a program\n"
            return
        gate = [self.ouro, "gate", f"--baseline={self.baseline}"]
        if self.write:
            gate.append("--write-baseline")
        done = subprocess.run(gate + recordings, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self.said = done.stdout
        if done.returncode and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self.said:
            terminalreporter.section("ouro")
            terminalreporter.write(self.said)
