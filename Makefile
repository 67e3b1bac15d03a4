# paas
#
#   make               build/release/paas
#   make check         everything: unit, cases, surface, torture, fuzz, sanitizers, lint, bench
#   make unit|cases|packages|surface|torture|torture-sign-on|fuzz|witness|examples|bench|lint     one tier
#   make bench-history N=5      instructions of start, completion, logs and parsing over the last commits
#   make quick         build, unit tests and layers: before each commit
#   make cover         unit tests and cases, then the share of lines they ran, a row a folder
#   make docs          man pages and completions, from the command table
#   make install       DESTDIR= PREFIX=/usr/local;  make uninstall
#   make reproduce     builds twice in different folders, compares the bytes
#   make single        build/single/paas: the release in a single file, its libraries inside
#   make deb|rpm|dist  build/packages/: the Debian package, the RPM package, the archive with checksums
#                      (make packages: all of these made, checked, installed, run and removed)
#   make san=asan …    any of the above in the variant asan, tsan, cover or fuzz

san     ?= release
CC      ?= gcc
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
ZSHDIR  ?= $(PREFIX)/share/zsh/vendor-completions
WERROR  ?= -Werror
B       ?= build/$(san)
VERSION := $(shell cat VERSION)

lib     := $(sort $(wildcard lib/*/*.c lib/*/*/*.c))
cmd     := $(sort $(wildcard cmd/*.c))
unit    := $(sort $(wildcard tests/unit/*.c))
fuzz    := $(sort $(wildcard tests/fuzz/*.c))

has = $(shell $(CC) -Werror $(subst -Wno-,-W,$(1)) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

cflags.release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	$(call has,-fstack-clash-protection) $(call has,-fcf-protection) $(call has,-ftrivial-auto-var-init=zero)
# Packed relative relocations: the tables of commands would take a quarter of a MiB of them at each start.
ldflags.release := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,pack-relative-relocs
cflags.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
cflags.tsan := -O1 -g -fsanitize=thread
cflags.cover := -Og -g --coverage
cflags.fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
ldflags.asan := -fsanitize=address,undefined
ldflags.tsan := -fsanitize=thread
ldflags.cover := --coverage
ldflags.fuzz := -fsanitize=address,undefined

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wwrite-strings -Wpointer-arith -Wvla -Wundef -Wnull-dereference -Wimplicit-fallthrough \
	-Wcast-qual -Wswitch-enum -Wconversion -Wno-sign-conversion -Wdate-time \
	$(call has,-Wno-language-extension-token) $(call has,-Wno-gnu-statement-expression) $(call has,-Wno-gnu-zero-variadic-macro-arguments)
all_cflags = -std=gnu17 -D_GNU_SOURCE -Ilib -I. -I$(B) -fPIE $(warnings) $(WERROR) $(cflags.$(san)) \
	-ffile-prefix-map=$(CURDIR)=. $(defines) -MMD -MP $(CPPFLAGS) $(CFLAGS)

# Small libraries are part of the binary; large ones are loaded when first used (base/library.h).
small_libs := -l:libyaml.a -l:libjansson.a -l:libsodium.a
LDLIBS := $(small_libs) -lm

# Of which commit, and when that was made.  Outside of a repository: unknown.
COMMIT      ?= $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)
COMMIT_DATE ?= $(shell git log -1 --format=%cs 2>/dev/null || echo unknown)

.PHONY: all check unit cases unit-asan unit-tsan unit-threaded cases-asan cover surface torture torture-sign-on fuzz fuzz-targets witness examples bench bench-history lint tidy \
	quick single deb rpm dist packages FORCE docs install uninstall reproduce clean layers analyze objects
.DEFAULT_GOAL := all
all: $(B)/paas

# What only the sandbox needs comes last: the kernel maps pages around those that are used, and these are not.
seldom := $(filter lib/sandbox/% lib/web/%,$(lib))
linked := $(cmd) $(filter-out $(seldom),$(lib)) $(seldom)
$(B)/paas: $(linked:%.c=$(B)/%.o) | $(B)/libpaas.a
	@echo "  link  $@"
	@$(CC) $(ldflags.$(san)) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libpaas.a: $(lib:%.c=$(B)/%.o)
	@rm -f $@ && $(AR) rcsD $@ $^

$(B)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(all_cflags) -DPAAS_VERSION='"$(VERSION)"' -c -o $@ $<

# Only this file knows the commit, and is compiled again when that changes.
$(B)/cmd/version.o: $(B)/commit
$(B)/cmd/version.o: defines = -DPAAS_COMMIT='"$(COMMIT)"' -DPAAS_COMMIT_DATE='"$(COMMIT_DATE)"'
$(B)/commit: FORCE
	@mkdir -p $(@D)
	@echo '$(COMMIT) $(COMMIT_DATE)' | cmp -s - $@ || echo '$(COMMIT) $(COMMIT_DATE)' >$@
FORCE:

# The single-file release: the same objects, but those that fill a table of functions take direct
# symbols (base/library.h), and the libraries are inside.  glibc stays shared: names are resolved
# by its modules.  packaging/refused.c says what is left out.
direct := $(shell grep -l '"base/library.h"' $(lib))
direct_objects := $(direct:%.c=build/single/%.o) build/single/packaging/refused.o
single_libs := -l:libcurl.a -l:libgit2.a -l:libmicrohttpd.a -l:libgnutls.a -l:libnghttp2.a -l:libssh2.a -l:libpsl.a \
	-l:libidn2.a -l:libunistring.a -l:libssl.a -l:libcrypto.a -l:libbrotlidec.a -l:libbrotlicommon.a -l:libzstd.a \
	-l:libmbedtls.a -l:libmbedx509.a -l:libmbedcrypto.a -l:libhttp_parser.a -l:libpcre2-8.a -l:libz.a \
	-l:libhogweed.a -l:libnettle.a -l:libtasn1.a -l:libgmp.a
single:
	@$(MAKE) --no-print-directory san=release B=build/release build/single/paas
build/single/paas: $(direct_objects) $(cmd:%.c=$(B)/%.o) $(B)/libpaas.a
	@echo "  link  $@"
	@$(CC) $(ldflags.release) -s $(LDFLAGS) -o $@ $^ -Wl,--start-group $(single_libs) -Wl,--end-group $(LDLIBS)
build/single/%.o: defines = -DPAAS_SINGLE_FILE
build/single/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(all_cflags) -DPAAS_VERSION='"$(VERSION)"' -c -o $@ $<
-include $(direct_objects:.o=.d)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libpaas.a
	@echo "  link  $@"
	@$(CC) $(ldflags.$(san)) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libpaas.a
	@echo "  link  $@"
	@$(CC) $(ldflags.$(san)) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)

unit: $(unit:%.c=$(B)/%)
	@tests/run-unit $(B)

cases: all
	@tests/run-cases $(B)

# The whole specification again, with every memory error and leak being a failure.
unit-asan:
	@$(MAKE) --no-print-directory san=asan unit
cases-asan:
	@JOBS=$${JOBS:-$$((3 * $$(nproc)))} $(MAKE) --no-print-directory san=asan cases

# Programs with threads: the event loop, and the client whose curl resolves names in one.
threaded := $(filter tests/unit/base_% tests/unit/net_% tests/unit/web_%,$(unit:%.c=%))
unit-tsan:
	@$(MAKE) --no-print-directory san=tsan unit-threaded
unit-threaded: $(threaded:%=$(B)/%)
	@tests/run-unit $(B)

cover:
	@$(MAKE) --no-print-directory san=cover unit cases
	@tests/run-cover build/cover

fuzz:
	@$(MAKE) --no-print-directory san=fuzz CC=clang fuzz-targets
	@tests/run-fuzz build/fuzz
fuzz-targets: $(fuzz:%.c=$(B)/%)

surface torture torture-sign-on witness examples bench: all
	@tests/run-$@ $(B)

bench-history:
	@tests/run-bench-history $(N)

layers:
	@tests/lint/layers
lint: all
	@tests/lint/run $(B)
# Leaks are left to the address sanitizer: the analyzer loses sight of what a struct owns.
analyze:
	@$(MAKE) --no-print-directory CC=gcc B=build/analyze objects \
		CFLAGS="-fanalyzer -Wno-analyzer-malloc-leak"
objects: $(cmd:%.c=$(B)/%.o) $(lib:%.c=$(B)/%.o)
tidy: $(patsubst %.c,build/tidy/%.ok,$(cmd) $(lib))
build/tidy/%.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- -std=gnu17 -D_GNU_SOURCE -Ilib -I. -DPAAS_VERSION='"0"' 2>build/tidy/err.$(notdir $*) || \
		{ cat build/tidy/err.$(notdir $*); exit 1; }
	@touch $@

witness: $(B)/tests/unit/store_desktop_keyring

# Everything.  The binaries of each tier are built first, so that a tier's time is its own.
TIERS := lint unit cases packages surface unit-asan unit-tsan cases-asan torture torture-sign-on fuzz witness examples bench reproduce
check:
	@echo "building"
	@$(MAKE) --no-print-directory -j2 all $(unit:%.c=$(B)/%) >/dev/null
	@$(MAKE) --no-print-directory -j2 san=asan all $(unit:%.c=build/asan/%) >/dev/null
	@$(MAKE) --no-print-directory -j2 san=tsan $(threaded:%=build/tsan/%) >/dev/null
	@MAKE="$(MAKE)" tests/check $(TIERS)

# Built twice, in folders of different names: the same bytes.
reproduce:
	@tests/lint/reproduce

docs: all
	@$(B)/paas help --write-documents man completions

deb: all
	@packaging/make-deb $(B) build/packages
rpm: all
	@packaging/make-rpm $(B) build/packages
dist: all single
	@packaging/make-archive build/single/paas build/packages '$(single_libs) $(small_libs)'
packages: all
	@tests/run-packages

# The names under which git and docker look for their helpers: links to paas, which knows by its name what is asked.
helpers := git-credential-paas docker-credential-paas
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5
	install -m 755 $(B)/paas $(DESTDIR)$(BINDIR)/paas
	install -m 644 man/*.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 man/*.5 $(DESTDIR)$(MANDIR)/man5
	for helper in $(helpers); do \
		ln -sf paas $(DESTDIR)$(BINDIR)/$$helper && ln -sf paas-token.1 $(DESTDIR)$(MANDIR)/man1/$$helper.1 || exit 1; done
	install -D -m 644 completions/paas.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/paas
	install -D -m 644 completions/_paas $(DESTDIR)$(ZSHDIR)/_paas
	install -D -m 644 completions/paas.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/paas.fish

uninstall:
	rm -f $(helpers:%=$(DESTDIR)$(BINDIR)/%) $(helpers:%=$(DESTDIR)$(MANDIR)/man1/%.1)
	rm -f $(DESTDIR)$(BINDIR)/paas $(DESTDIR)$(PREFIX)/share/bash-completion/completions/paas \
		$(DESTDIR)$(ZSHDIR)/_paas \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/paas.fish
	rm -f $(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(wildcard man/*.1))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man5/,$(notdir $(wildcard man/*.5)))

quick: all unit layers

clean:
	rm -rf build
