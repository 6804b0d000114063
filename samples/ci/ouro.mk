# SPDX-License-Identifier: MIT
# ouro.mk - for a Makefile: record test programs, fail where they leak what the
# baseline does not know
#
#   OURO_TESTS = tests/parser tests/writer
#   include ouro.mk
#
# `make check-ouro` runs each under `ouro record` (it fails where a test does)
# and asks `ouro gate`; `make ouro-baseline` writes the baseline instead.
OURO          ?= ouro
OURO_BASELINE ?= ouro-baseline.json
OURO_DIR      ?= ouro.recordings
ouro_recordings := $(OURO_TESTS:%=$(OURO_DIR)/%.ouro)

check-ouro: $(ouro_recordings)
	$(OURO) gate --baseline=$(OURO_BASELINE) $(OURO_GATE) $^

ouro-baseline: $(ouro_recordings)
	$(OURO) gate --baseline=$(OURO_BASELINE) $(OURO_GATE) --write-baseline $^

# recorded anew each time
$(OURO_DIR)/%.ouro: % FORCE
	@rm -rf $@ && mkdir -p $(@D)
	$(OURO) record -o $@ -- ./$<

FORCE:
.PHONY: check-ouro ouro-baseline FORCE
