# make            build/libouro.so and build/ouro
# make demo       install what is missing, build, record the Lisp, report
# make check      the same set-up, then every test
# make help       the rest
#
# Yours to set: CC CXX CFLAGS CXXFLAGS LDFLAGS PREFIX DESTDIR ZSHDIR BUILD V.
# Ours are OURO_*.

BUILD    ?= build
CFLAGS   ?= -O2 -g
CXXFLAGS ?= -O2 -g
PREFIX   ?= /usr/local
CLANG    ?= clang
Q         = $(if $(V),,@)

OURO_WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
             -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
             -Wwrite-strings -Wformat=2
OURO_C    := -std=gnu17 -D_GNU_SOURCE $(OURO_WARN) -Iinclude -MMD -MP
OURO_LIBS := -ldw -lelf -lxxhash -liberty -ljansson -lzstd -lz

# The guest exports only what it means to, links everything it uses, reaches
# its thread's state without a call, and keeps its frame pointers: that is how
# it knows its caller. The compiler must not turn our malloc into calloc, nor read
# two words at once that were just written one by one, which waits. These
# flags come last: a distribution's CFLAGS must not bring in what calls libc.
OURO_GUEST    := -Ipreload -fPIC -fvisibility=hidden -fno-builtin \
                 -fno-omit-frame-pointer -ftls-model=initial-exec \
                 -fasynchronous-unwind-tables -fno-stack-protector \
                 -fno-tree-slp-vectorize \
                 -U_FORTIFY_SOURCE \
                 $(if $(filter x86_64%,$(OURO_TARGET)),-fcf-protection=full)
OURO_GUEST_LD := -shared -Wl,-soname,libouro.so -Wl,-z,defs -Wl,-z,now \
                 -Wl,-z,relro -Wl,-z,nodelete \
                 -Wl,--version-script=preload/exports.map
OURO_TARGET   := $(shell $(CC) -dumpmachine 2>/dev/null)

guest_o := $(patsubst %.c,$(BUILD)/%.o,$(wildcard preload/*.c))
tool_o  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard analyzer/*.c analyzer/*/*.c))
check_c := tests/main.c $(wildcard tests/build_*.c) $(wildcard tests/check_*.c)
check_o := $(patsubst %.c,$(BUILD)/%.o,$(check_c))
bench_o := $(patsubst %.c,$(BUILD)/%.o,tests/bench/collector.c tests/bench/shapes.c)
generate_o := $(patsubst %.c,$(BUILD)/%.o,tests/bench/generate.c \
              tests/build_trace.c tests/build_snapshot.c)
samples := $(patsubst samples/%.c,$(BUILD)/samples/%,$(wildcard samples/*.c)) \
           $(patsubst samples/%.cpp,$(BUILD)/samples/%,$(wildcard samples/*.cpp)) \
           $(BUILD)/samples/lisp

all: $(BUILD)/libouro.so $(BUILD)/ouro ## build everything (the default)

$(BUILD)/libouro.so: $(guest_o) preload/exports.map
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(OURO_GUEST_LD) $(LDFLAGS) -o $@ $(guest_o)

$(BUILD)/ouro: $(tool_o)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(OURO_LIBS)

$(BUILD)/check: $(filter-out $(BUILD)/analyzer/main.o,$(tool_o)) $(check_o)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(OURO_LIBS) -lcheck \
		-lsubunit -lpthread -lrt -lm

$(BUILD)/collector: $(filter-out $(BUILD)/analyzer/main.o,$(tool_o)) $(bench_o)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(OURO_LIBS)

$(BUILD)/generate: $(generate_o)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(guest_o): OURO_LAST := $(OURO_GUEST)
$(tool_o): OURO_C += -Ianalyzer
$(check_o) $(bench_o) $(generate_o): OURO_C += -Ianalyzer -Itests
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(OURO_C) $(CPPFLAGS) $(CFLAGS) $(OURO_LAST) -c -o $@ $<

samples: $(samples) ## build the samples
$(BUILD)/samples/lisp: $(wildcard samples/lisp/*.[ch]) include/ouro.h
	@mkdir -p $(@D)
	$(Q)$(CC) -g -O1 -Wall -Wextra -Iinclude $(wildcard samples/lisp/*.c) -o $@
$(BUILD)/samples/%: samples/%.c include/ouro.h
	@mkdir -p $(@D)
	$(Q)$(CC) -g -O1 -Wall -Wextra -Iinclude $< -o $@
$(BUILD)/samples/%: samples/%.cpp include/ouro.h
	@mkdir -p $(@D)
	$(Q)$(CXX) -g -O1 -Wall -Wextra -Iinclude $< -o $@

demo: ## install what is missing, build, record the Lisp sample, report
	@sh .ci/setup build
	@$(MAKE) --no-print-directory all $(BUILD)/samples/lisp
	sh samples/demo.sh $(BUILD)

check: ## the same set-up, then every test
	@sh .ci/setup test
	@$(MAKE) --no-print-directory all samples $(BUILD)/check \
		$(BUILD)/generate
	sh tests/run.sh $(BUILD)

bench: ## what it costs, against peers in the same run, to tests/bench/RESULTS.md
	@sh .ci/setup bench
	@$(MAKE) --no-print-directory all $(BUILD)/collector $(BUILD)/samples/lisp
	sh tests/bench/run.sh $(BUILD)

bench-quick: ## half a minute: fails where far more than it should be
	@sh .ci/setup bench
	@$(MAKE) --no-print-directory all
	sh tests/bench/quick.sh $(BUILD)

asan: ## the tool and its unit tests under AddressSanitizer and UBSan
	$(MAKE) BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer \
		-fsanitize=address,undefined -fno-sanitize-recover=undefined' \
		$(BUILD)/asan/ouro $(BUILD)/asan/check
	OURO_TRIALS=10 CK_TIMEOUT_MULTIPLIER=10 $(BUILD)/asan/check

lint: ## formatting, clang-tidy, cppcheck, shellcheck
	@sh .ci/setup lint
	sh .ci/lint

FUZZ_SECONDS ?= 60
fuzz: ## feed the readers of traces hostile bytes for FUZZ_SECONDS each
	@sh .ci/setup lint
	for what in trace pack; do \
		mkdir -p $(BUILD)/fuzz/corpus/$$what && \
		$(CLANG) -O1 -g -std=gnu17 -D_GNU_SOURCE -Iinclude -Ianalyzer \
			-fsanitize=fuzzer,address,undefined -o $(BUILD)/fuzz/$$what \
			tests/fuzz_$$what.c $(wildcard analyzer/trace/*.c analyzer/pack/*.c) \
			analyzer/arena.c analyzer/err.c -lxxhash -lzstd && \
		$(BUILD)/fuzz/$$what -max_total_time=$(FUZZ_SECONDS) \
			-rss_limit_mb=1024 -timeout=10 -print_final_stats=1 \
			$(BUILD)/fuzz/corpus/$$what || exit 1; \
	done

format: ## rewrite the sources in house style
	clang-format -i $$(git ls-files '*.[ch]')

# libouro.so is found from where ouro is, so a tree can be moved: always in
# lib/ouro/, whatever the system calls its library directories.
OURO_SHARE   := $(DESTDIR)$(PREFIX)/share
OURO_VERSION := $(shell sed -n 's/.*OURO_RELEASE  *"\(.*\)"/\1/p' \
                analyzer/commands/version.h)
ZSHDIR       ?= $(PREFIX)/share/zsh/site-functions
commands := $(patsubst analyzer/commands/cmd_%.c,%,\
            $(wildcard analyzer/commands/cmd_*.c))
man_pages := $(BUILD)/man/ouro.1 $(commands:%=$(BUILD)/man/ouro-%.1)
completions := $(addprefix $(BUILD)/completion/,bash zsh fish)

man: $(man_pages) ## write the manual pages to build/man
$(BUILD)/man/ouro.1: $(BUILD)/ouro
	@mkdir -p $(@D)
	$(Q)$< help --man >$@
$(BUILD)/man/ouro-%.1: $(BUILD)/ouro
	@mkdir -p $(@D)
	$(Q)$< help --man=$* >$@
$(completions): $(BUILD)/completion/%: $(BUILD)/ouro
	@mkdir -p $(@D)
	$(Q)$< help --completion=$* >$@
$(BUILD)/ouro.pc: include/ouro.pc.in analyzer/commands/version.h Makefile FORCE
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(OURO_VERSION)|' $< >$@

install: all $(man_pages) $(completions) $(BUILD)/ouro.pc ## into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/ouro $(DESTDIR)$(PREFIX)/bin/ouro
	install -D -m 644 $(BUILD)/libouro.so $(DESTDIR)$(PREFIX)/lib/ouro/libouro.so
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include include/ouro.h include/ouro_trace.h
	install -D -m 644 -t $(OURO_SHARE)/pkgconfig $(BUILD)/ouro.pc
	install -D -m 644 -t $(OURO_SHARE)/ouro/ci $(wildcard samples/ci/*)
	install -D -m 644 -t $(OURO_SHARE)/ouro analyzer/report/ouro-report.schema.json
	install -D -m 644 -t $(OURO_SHARE)/man/man1 $(man_pages)
	install -D -m 644 $(BUILD)/completion/bash $(OURO_SHARE)/bash-completion/completions/ouro
	install -D -m 644 $(BUILD)/completion/fish $(OURO_SHARE)/fish/vendor_completions.d/ouro.fish
	install -D -m 644 $(BUILD)/completion/zsh $(DESTDIR)$(ZSHDIR)/_ouro

uninstall: ## take back what install did
	rm -f $(DESTDIR)$(PREFIX)/bin/ouro $(OURO_SHARE)/pkgconfig/ouro.pc \
		$(DESTDIR)$(PREFIX)/include/ouro.h \
		$(DESTDIR)$(PREFIX)/include/ouro_trace.h \
		$(addprefix $(OURO_SHARE)/man/man1/,$(notdir $(man_pages))) \
		$(OURO_SHARE)/bash-completion/completions/ouro \
		$(OURO_SHARE)/fish/vendor_completions.d/ouro.fish \
		$(DESTDIR)$(ZSHDIR)/_ouro
	rm -rf $(DESTDIR)$(PREFIX)/lib/ouro $(OURO_SHARE)/ouro

deb: ## a Debian package in build/deb, which lintian finds nothing wrong with
	@sh .ci/setup deb
	sh .ci/deb/build $(BUILD)

check-deb: deb ## try the package on a clean Debian, as a new user (root, network)
	sh .ci/deb/check $(BUILD)

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t16

-include $(guest_o:.o=.d) $(tool_o:.o=.d) $(check_o:.o=.d) $(bench_o:.o=.d) \
	$(generate_o:.o=.d)
.PHONY: all samples demo check bench bench-quick asan lint fuzz format man \
	install uninstall deb check-deb clean help FORCE
.DELETE_ON_ERROR:
