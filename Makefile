# trine: `make demo` shows it, `make check` tests it, `make install` installs.
#
# Honours CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR; DEVELOPER=1 makes warnings
# errors (`make check` does so too, unless WERROR= is given); DEPS=no keeps make
# from installing what is missing (config/install-deps).

VERSION = 0.1.0
PREFIX ?= /usr/local
BINDIR = $(PREFIX)/bin
LIBEXECDIR = $(PREFIX)/libexec/trine
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/trine

BUILD = build
CC ?= cc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PKGS = yaml-0.1 inih sqlite3 jansson libmd zlib
export DEPS PKG_CONFIG

.DEFAULT_GOAL := all
.SECONDARY:

# A line for each command; V=1 shows them whole.
ifndef V
say = @printf '  %-6s %s\n' $(1) $(2);
endif

# Flags of the libraries come from $(BUILD)/flags.mk: make builds it first,
# installing what is missing, and starts again with it.
GOALS := $(filter-out clean uninstall dist help,$(or $(MAKECMDGOALS),all))
NEEDS := $(if $(filter check% coverage units,$(GOALS)),--tests)
ifneq ($(GOALS),)
ifneq ($(shell config/install-deps --check 2>/dev/null && echo yes),yes)
$(shell rm -f $(BUILD)/flags.mk)
endif
include $(BUILD)/flags.mk
endif

$(BUILD)/flags.mk: config/install-deps Makefile
	@config/install-deps $(NEEDS)
	@mkdir -p $(@D)
	@echo "PKG_CFLAGS = $$($(PKG_CONFIG) --cflags $(PKGS))" >$@.new
	@echo "PKG_LIBS = $$($(PKG_CONFIG) --libs $(PKGS))" >>$@.new
	@echo "PKG_STATIC = $$($(PKG_CONFIG) --static --libs $(PKGS))" >>$@.new
	@echo "GIT_CFLAGS = $$($(PKG_CONFIG) --cflags libgit2)" >>$@.new
	@echo "GIT_LIBS = $$($(PKG_CONFIG) --libs libgit2)" >>$@.new
	@echo "CURL_CFLAGS = $$($(PKG_CONFIG) --cflags libcurl)" >>$@.new
	@echo "CURL_LIBS = $$($(PKG_CONFIG) --libs libcurl)" >>$@.new
	@echo "WEB_CFLAGS = $$($(PKG_CONFIG) --cflags libwebsockets)" >>$@.new
	@echo "WEB_LIBS = $$($(PKG_CONFIG) --libs libwebsockets)" >>$@.new
	@mv $@.new $@

WARNINGS = -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wundef \
	-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
	-Wwrite-strings -Wformat=2 -Wimplicit-fallthrough
HARDEN = -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
HARDEN_LD = -pie
ifeq ($(shell uname -s),Linux)
HARDEN += -fstack-clash-protection
HARDEN_LD += -Wl,-z,relro,-z,now,-z,noexecstack
endif
WERROR = -Werror
ifdef DEVELOPER
WARNINGS += $(WERROR)
endif

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude $(PKG_CFLAGS) $(GIT_CFLAGS) \
	$(CURL_CFLAGS) $(WEB_CFLAGS) $(WARNINGS) $(HARDEN) $(CPPFLAGS) $(CFLAGS) -DTRINE_VERSION='"$(VERSION)"' \
	-DTRINE_LIBEXEC='"$(LIBEXECDIR)"'
ALL_LDFLAGS = $(HARDEN_LD) $(LDFLAGS)
LIBS = $(PKG_LIBS) -lpthread
ALL_LIBS = $(GIT_LIBS) $(LIBS)

# A short command takes a third less time if nothing is to be loaded: trine has the
# libraries in itself, those that come as archives (STATIC=no: none).
STATIC = yes
archive = $(filter /%,$(shell $(CC) -print-file-name=lib$(1:-l%=%).a))
OF_THE_SYSTEM = -lm -lpthread -ldl -lrt -lc
ifeq ($(STATIC),yes)
QUICK_LIBS = $(foreach lib,$(PKG_STATIC),$(or \
	$(if $(filter-out $(OF_THE_SYSTEM),$(filter -l%,$(lib))),$(call archive,$(lib))),\
	$(lib))) -lpthread
else
QUICK_LIBS = $(LIBS)
endif
TEST_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)

# Everything but main() is one archive, which tests link too.
SOURCES := $(filter-out %/main.c src/cli/hand_on.c,$(wildcard src/*/*.c))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o) $(addprefix $(BUILD)/obj/gen/,template.o page.o)
UNITS := $(patsubst test/unit/%.c,$(BUILD)/test/%,$(wildcard test/unit/test_*.c))
# Those that have calls fail: the linker puts functions in between.
FAILING := $(patsubst test/unit/%.c,$(BUILD)/test/%,\
	$(shell grep -l '^.include "failing_calls.h"' test/unit/test_*.c))
ifneq ($(shell uname -s),Linux)
UNITS := $(filter-out $(FAILING),$(UNITS))
endif
TOOLS := $(patsubst test/lint/%.c,$(BUILD)/test/lint/%,$(wildcard test/lint/*.c))
# The checker of the simulator reads everything anew: no header of ours.
CHECKER := $(patsubst test/sim/%.c,$(BUILD)/obj/sim/%.o,\
	$(filter-out %/check_main.c,$(wildcard test/sim/check*.c)))
SIM := $(patsubst test/sim/%.c,$(BUILD)/obj/sim/%.o,\
	$(filter-out test/sim/check%,$(wildcard test/sim/*.c)))
ifeq ($(shell uname -s),Linux)
SIMULATOR := $(BUILD)/test/sim
FAULTS := $(addprefix $(BUILD)/test/faults/,fault.so clock.so \
	power_record.so power_loss)
endif
TEMPLATE := $(shell find coordination -type f)

PROGRAMS = $(addprefix $(BUILD)/,trine trine-sync trine-deliver trined)

all: $(PROGRAMS)

# trine itself has no git: hand_on.o stands before what has (src/cli/need_git.h).
$(BUILD)/trine: $(addprefix $(BUILD)/,obj/cli/main.o obj/cli/hand_on.o libtrine.a)
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(QUICK_LIBS)

$(BUILD)/trine-sync: $(BUILD)/obj/cli/main.o $(BUILD)/libtrine.a
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# The worker alone speaks HTTP: an idle cycle does not load libcurl.
$(BUILD)/trine-deliver: $(BUILD)/obj/deliver/main.o $(BUILD)/libtrine.a
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) \
		$(CURL_LIBS)

# The daemon alone has libwebsockets, and neither git nor libcurl.
$(BUILD)/trined: $(BUILD)/obj/daemon/main.o $(BUILD)/libtrine.a
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) \
		$(WEB_LIBS)

$(BUILD)/libtrine.a: $(OBJECTS)
	@rm -f $@
	$(call say,AR,$@)$(AR) qcs $@ $(OBJECTS)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/page.c: config/embed src/daemon/dashboard.html
	@mkdir -p $(@D)
	config/embed src/daemon/dashboard.html dashboard_page >$@.new && mv $@.new $@

$(BUILD)/gen/template.c: config/embed $(TEMPLATE)
	@mkdir -p $(@D)
	config/embed coordination >$@.new && mv $@.new $@

# ---- tests ----

# Two at a time, unless the caller says how many.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j2
endif

check: WARNINGS += $(WERROR)
check: $(PROGRAMS) units
	@$(RUN_TESTS)

RUN_TESTS = BUILD='$(BUILD)' CC='$(CC)' CFLAGS='$(PKG_CFLAGS) $(GIT_CFLAGS) $(CPPFLAGS)' \
	test/run

BENCHES := $(BUILD)/test/bench/timed $(BUILD)/test/bench/fill

units: $(UNITS) $(TOOLS) $(FAULTS) $(BUILD)/test/sim_check $(SIMULATOR) $(BENCHES)

$(BUILD)/test/bench/fill: test/bench/fill.c $(BUILD)/libtrine.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(BUILD)/test/bench/%: test/bench/%.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -o $@ $<

# Libraries that are loaded before a program, and what belongs to them.
$(BUILD)/test/faults/%.so: test/faults/%.c $(wildcard test/faults/*.h)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -shared -o $@ $<

$(BUILD)/test/faults/%: test/faults/%.c $(wildcard test/faults/*.h)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -o $@ $<

$(BUILD)/test/lint/%: test/lint/%.c $(BUILD)/libtrine.a | test-deps
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< \
		$(BUILD)/libtrine.a $(ALL_LIBS)

$(FAILING): WRAPPED = $(shell sed -nE 's/^.*__wrap_([a-z_]+).*/-Wl,--wrap=\1/p' \
	test/unit/failing_calls.h $<)
$(BUILD)/test/%: test/unit/%.c $(BUILD)/libtrine.a | test-deps
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(ALL_CFLAGS) -Itest/unit -MMD -MP $(ALL_LDFLAGS) \
		$(WRAPPED) -o $@ $< $(filter %.o,$^) $(BUILD)/libtrine.a \
		$(ALL_LIBS) $(TEST_LIBS)

$(BUILD)/test/test_sim_check: $(CHECKER)

$(BUILD)/test/sim_check: $(BUILD)/obj/sim/check_main.o $(CHECKER)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# It defines functions of libgit2 itself (memory_git.h), and stands between some
# of trine's (stand_ins*.c, quick.c).
MUTANTS := $(shell sed -nE 's/^.*__wrap_([a-z_]+).*/-Wl,--wrap=\1/p' \
	test/sim/stand_ins*.c test/sim/quick.c | sort -u)
$(BUILD)/test/sim: $(SIM) $(CHECKER) $(BUILD)/libtrine.a | $(PROGRAMS) $(FAULTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(MUTANTS) -o $@ \
		$^ $(ALL_LIBS)

# What it is built from, for who runs it again; made anew where that is another one.
$(BUILD)/gen/commit.h: always
	@mkdir -p $(@D)
	@commit=$$(git describe --always --dirty 2>/dev/null); \
	echo "#define SIM_COMMIT \"$$commit\"" >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(BUILD)/obj/sim/runs.o: $(BUILD)/gen/commit.h
$(BUILD)/obj/sim/runs.o: ALL_CFLAGS += -I$(BUILD)/gen

$(SIM): $(BUILD)/obj/sim/%.o: test/sim/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(CHECKER) $(BUILD)/obj/sim/check_main.o: $(BUILD)/obj/sim/%.o: test/sim/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(filter-out -Iinclude,$(ALL_CFLAGS)) -MMD -MP -c -o $@ $<

test-deps:
	@config/install-deps --tests

# Every point of the crash tests, not a share of them.
check-crash: WARNINGS += $(WERROR)
check-crash: $(PROGRAMS)
	@CRASH=all LIMIT=7200 BUILD='$(BUILD)' test/run crash

# Every fault at every point, and the power gone at each.
check-faults: WARNINGS += $(WERROR)
check-faults: $(PROGRAMS) $(FAULTS)
	@FAULTS=all LIMIT=14400 BUILD='$(BUILD)' test/run faults

# Five computers at once, a thousand pushes; three for a thousand cycles.
check-race: WARNINGS += $(WERROR)
check-race: $(PROGRAMS)
	@RACE=all LIMIT=1800 BUILD='$(BUILD)' test/run race

check-soak: WARNINGS += $(WERROR)
check-soak: $(PROGRAMS)
	@SOAK=all LIMIT=1800 BUILD='$(BUILD)' test/run soak

# A fleet by chance, again (test/sim/sim.h); and very many. What breaks is made
# smaller for so many seconds (0: is not), and left as a test.
SEED = 1
CYCLES = 2000
TIER = 1
SHRINK_SECONDS = 300
SHRINK = --shrink test/sim/cases --shrink-seconds $(SHRINK_SECONDS)
sim: $(BUILD)/test/sim
	@$(BUILD)/test/sim --seed $(SEED) --cycles $(CYCLES) --tier $(TIER) \
		--story $(SHRINK)

sim-long: $(BUILD)/test/sim
	@broken=0; \
	$(BUILD)/test/sim --seeds 500 --cycles 2000 --jobs 2 --covered $(SHRINK) || \
		broken=1; \
	$(BUILD)/test/sim --seeds 20 --cycles 1000 --jobs 2 --tier 2 --covered \
		$(SHRINK) || broken=1; \
	exit $$broken

# Is its checker any good? Each rule switched off (test/MUTANTS.md).
check-mutants: $(BUILD)/test/sim
	@$(BUILD)/test/sim --mutants

# Another build, with jobs of its own.
MAKE_ALONE = MAKEFLAGS='$(filter-out -j% --jobserver-%,$(MAKEFLAGS))' $(MAKE)

# Who allocated is found without frame pointers, which libraries have none of, and
# not farther than a suppression needs: that is most of the time such a run takes.
ASAN = detect_stack_use_after_return=1:fast_unwind_on_malloc=0:malloc_context_size=12
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
check-asan:
	@ASAN_OPTIONS=$(ASAN) \
	LSAN_OPTIONS=suppressions=$(CURDIR)/test/lsan.supp:print_suppressions=0 \
	UBSAN_OPTIONS=print_stacktrace=1 LIMIT=3600 \
	$(MAKE_ALONE) check BUILD=build-asan HARDEN= HARDEN_LD= \
		CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)'

# Also trine-sync, which trine becomes; not git and other programs.
VALGRIND = valgrind -q --error-exitcode=99 --leak-check=full \
	--trace-children=yes --trace-children-skip=/bin/*,/usr/* \
	--errors-for-leak-kinds=definite --suppressions=$(CURDIR)/test/valgrind.supp
check-valgrind: $(PROGRAMS) units
	@WRAP='$(VALGRIND)' LIMIT=3600 BUILD='$(BUILD)' test/run unit \
		$(addprefix test/e2e/,t001-first-message.sh t006-loose-text.sh \
		t009-refusals.sh t012-restore-from-backup.sh t018-instances.sh)

# Lines and branches of src/ that the tests reach, by gcov.
coverage:
	@$(MAKE_ALONE) all units BUILD=build-cov HARDEN= HARDEN_LD= \
		CFLAGS='--coverage -O0 -g'
	@find build-cov -name '*.gcda' -exec rm -f {} +
	@BUILD=build-cov test/run e2e unit
	@test/coverage build-cov

# What a cycle costs, and whether that grows with age. No test: prints figures.
bench: $(PROGRAMS) $(BENCHES)
	@TRINE='$(CURDIR)/$(BUILD)/trine' \
		TIMED='$(CURDIR)/$(BUILD)/test/bench/timed' \
		FILL='$(CURDIR)/$(BUILD)/test/bench/fill' \
		test/bench/versus.sh | tee test/bench/RESULTS.md
	@TRINE='$(CURDIR)/$(BUILD)/trine' test/bench/bench.sh

# What the daemon's API costs, and whether it grows. No test: prints figures.
bench-api: $(PROGRAMS)
	@TRINE='$(CURDIR)/$(BUILD)/trine' BUILD='$(CURDIR)/$(BUILD)' test/bench/api.sh

# What real time costs: how late messages are, and a hub with many clients.
bench-realtime: $(PROGRAMS)
	@TRINE='$(CURDIR)/$(BUILD)/trine' BUILD='$(CURDIR)/$(BUILD)' \
		test/bench/realtime.sh

# ---- generated text that stands in the repository ----

generated: $(BUILD)/test/lint/settings_print
	$(BUILD)/test/lint/settings_print example >config/trine.ini.example
	test/lint/settings_manual $(BUILD)/test/lint/settings_print \
		man/trine.ini.5 >$(BUILD)/trine.ini.5
	cp $(BUILD)/trine.ini.5 man/trine.ini.5

# ---- the rest ----

demo: $(PROGRAMS)
	@TRINE='$(CURDIR)/$(BUILD)/trine' config/demo

MAN1 = $(wildcard man/*.1)
MAN5 = $(wildcard man/*.5)
MAN8 = $(wildcard man/*.8)
COMPLETIONS = $(PREFIX)/share/bash-completion/completions/trine \
	$(PREFIX)/share/zsh/site-functions/_trine \
	$(PREFIX)/share/fish/vendor_completions.d/trine.fish
EXAMPLES = config/trine.ini.example config/crontab.example \
	config/trine-sync.service config/trine-sync.timer \
	config/org.trine.sync.plist config/trined.service \
	config/org.trine.trined.plist

install: $(PROGRAMS)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(DATADIR)/examples $(DESTDIR)$(LIBEXECDIR)
	install -m 755 $(BUILD)/trine $(BUILD)/trined $(DESTDIR)$(BINDIR)
	install -m 755 $(BUILD)/trine-sync $(BUILD)/trine-deliver \
		$(DESTDIR)$(LIBEXECDIR)
	install -m 644 $(MAN1) $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(MAN5) $(DESTDIR)$(MANDIR)/man5
	install -m 644 $(MAN8) $(DESTDIR)$(MANDIR)/man8
	install -m 644 $(EXAMPLES) $(DESTDIR)$(DATADIR)/examples
	for file in $(COMPLETIONS); do \
		install -d "$(DESTDIR)$${file%/*}" && \
		case $$file in *.fish) shell=fish ;; */_*) shell=zsh ;; *) shell=bash ;; \
		esac && $(BUILD)/trine completions $$shell >"$(DESTDIR)$$file" && \
		chmod 644 "$(DESTDIR)$$file" || exit; \
	done

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/trine $(DESTDIR)$(BINDIR)/trined
	rm -rf $(DESTDIR)$(LIBEXECDIR)
	rm -f $(MAN1:man/%=$(DESTDIR)$(MANDIR)/man1/%)
	rm -f $(MAN5:man/%=$(DESTDIR)$(MANDIR)/man5/%)
	rm -f $(MAN8:man/%=$(DESTDIR)$(MANDIR)/man8/%)
	rm -rf $(DESTDIR)$(DATADIR)
	rm -f $(COMPLETIONS:%=$(DESTDIR)%)

dist:
	@mkdir -p $(BUILD)
	git archive --prefix=trine-$(VERSION)/ \
		-o $(BUILD)/trine-$(VERSION).tar.gz HEAD

clean:
	rm -rf build build-asan build-cov

help:
	@sed -n '1,5s/^# //p' Makefile
	@echo "targets: all demo check check-crash check-faults check-race" \
		"check-soak check-mutants check-asan check-valgrind coverage" \
		"bench bench-api bench-realtime" \
		"sim sim-long install uninstall" \
		"dist generated clean"

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all units check check-crash check-faults check-race check-soak \
	check-mutants check-asan check-valgrind coverage bench bench-api bench-realtime \
	sim sim-long demo generated install uninstall dist always \
	clean help test-deps
