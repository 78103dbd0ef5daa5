# make demo [SCRIPT=evening] [ARGS='--tables 20']   a seeded shop in a temporary directory
# make test                                         every test: Rust, payments, tunnels, browser, sound, popup, proxy
# make deb                                          the Debian package, target/debian/tablebell_*.deb
# make test-systemd                                 the package under a real systemd; needs root
# make voice-check                                  the clips made again from their sources, and recognisers listening; 1 GB
# make check                                        the everyday loop: lints, rules with fewer random cases, and the pages without a browser
# make lint                                         format, lints, spelling, dependencies
# make audit                                        known faults of dependencies; needs a network that reaches GitHub and npm
# make bench [ARGS=--floods]                        load, latency and memory against reference servers; under floods
# INSTALL=no with any of them leaves the system's packages alone.

BUILD_PACKAGES = cc=build-essential pkg-config libasound2-dev
TEST_PACKAGES = pulseaudio pulseaudio-utils pipewire wireplumber dbus-daemon dbus-bin dunst xvfb imagemagick fonts-noto-cjk chromium \
	nginx-light procps poppler-utils librsvg2-bin zbar-tools node=nodejs npm=npm iproute2 curl openssl openssh-client openssh-server
# A tunnel in one program; the tests send callbacks through it.
BORE = target/tools/bin/bore

# Prebuilt linters of other things than Rust, and what the pages' tests need from npm.
LINT_PACKAGES = python3=python3 python3-venv
LINTERS = target/tools/linters/bin
PAGES = tests/browser/node_modules/.package-lock.json
# How many random cases the everyday loop plays of each property; `make test` plays all.
FEW = 8

# Packages, and a whole Debian with systemd to try them in.
CARGO_DEB = target/tools/bin/cargo-deb
SYSTEMD_PACKAGES = systemd-container mmdebstrap util-linux

.PHONY: build demo test check lint rules pages audit bench deb install test-systemd voice-check install-build install-test install-lint

install-build:
	@tools/ensure-packages $(BUILD_PACKAGES)

install-test: install-build
	@tools/ensure-packages $(TEST_PACKAGES)

install-lint: install-build
	@tools/ensure-packages $(LINT_PACKAGES)

build: install-build
	cargo build --release --locked

demo: install-build
	cargo build --profile demo --locked
	@exec target/demo/tablebell demo $(if $(SCRIPT),--script $(SCRIPT)) $(ARGS)

$(BORE):
	cargo install bore-cli --version 0.6.0 --locked --root target/tools

test: install-test $(BORE)
	@tools/test-suites

# With --example in the same call the daemon is compiled once for both.
deb: install-build $(CARGO_DEB)
	cargo build --release --locked --bin tablebell --example manual
	rm -rf target/manual target/package target/debian
	target/release/examples/manual target/manual
	$(MAKE) install DESTDIR=target/package ZSH=vendor-completions
	$(CARGO_DEB) --no-build --no-strip

$(CARGO_DEB):
	cargo install cargo-deb --version 3.8.0 --locked --root target/tools

# Where everything goes that a package holds: the .deb, packaging/arch and packaging/rpm all come here, after
# `cargo build --release --bin tablebell --example manual` and `target/release/examples/manual target/manual`.
DESTDIR =
DAEMON = target/release/tablebell
# Debian looks for zsh completions in vendor-completions.
ZSH = site-functions
PUT = install -D -m 644 -t

install:
	install -D -m 755 $(DAEMON) $(DESTDIR)/usr/bin/tablebell
	$(PUT) $(DESTDIR)/etc/tablebell target/manual/tablebell.toml
	$(PUT) $(DESTDIR)/usr/lib/systemd/system systemd/*@.*
	$(PUT) $(DESTDIR)/usr/lib/systemd/user systemd/user/*
	$(PUT) $(DESTDIR)/usr/share/applications packaging/desktop/tablebell.desktop
	install -D -m 644 assets/icon.svg $(DESTDIR)/usr/share/icons/hicolor/scalable/apps/tablebell.svg
	$(PUT) $(DESTDIR)/usr/share/man/man1 target/manual/man/*.1
	install -D -m 644 target/manual/completions/tablebell.bash $(DESTDIR)/usr/share/bash-completion/completions/tablebell
	$(PUT) $(DESTDIR)/usr/share/zsh/$(ZSH) target/manual/completions/_tablebell
	$(PUT) $(DESTDIR)/usr/share/fish/vendor_completions.d target/manual/completions/tablebell.fish
	$(PUT) $(DESTDIR)/usr/share/doc/tablebell README.md README.zh-CN.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md LICENSE
	$(PUT) $(DESTDIR)/usr/share/doc/tablebell/docs docs/*.md docs/*.png
	$(PUT) $(DESTDIR)/usr/share/doc/tablebell/assets/sound assets/sound/LICENSE.md
	$(PUT) $(DESTDIR)/usr/share/doc/tablebell/examples/nginx packaging/nginx/*
	cp -R --no-preserve=mode,ownership packaging/tunnel $(DESTDIR)/usr/share/doc/tablebell/examples/

test-systemd: deb
	@tools/ensure-packages $(SYSTEMD_PACKAGES)
	cargo test --locked --test systemd -- --test-threads 1 --nocapture

voice-check: install-build
	cargo build --locked
	tools/voice/check target/debug/tablebell

# The pages are looked at while Rust is compiled.
check: $(LINTERS)/cargo-deny $(PAGES)
	@$(MAKE) --jobs 2 --output-sync=target pages lint rules

rules:
	PROPTEST_CASES=$(FEW) cargo test --locked --lib --test tidy

pages: $(PAGES)
	cd tests/browser && npm run --silent typecheck && npm run --silent format && npm run --silent unit

lint: $(LINTERS)/cargo-deny
	cargo fmt --check
	$(LINTERS)/typos
	$(LINTERS)/cargo-deny --locked check --deny unmatched-skip licenses bans sources
	cargo clippy --locked --all-targets -- -D warnings

audit: $(LINTERS)/cargo-deny
	$(LINTERS)/cargo-deny --locked check advisories
	cd tests/browser && npm audit
	cd tests/provider && npm audit

# The last that is installed there stands for all.
$(LINTERS)/cargo-deny: tools/linters.txt | install-lint
	python3 -m venv target/tools/linters
	$(LINTERS)/pip install --quiet --require-hashes --requirement $<
	@touch $@

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	@tools/ensure-packages node=nodejs npm=npm
	cd tests/$* && npm ci --no-audit --no-fund
	@touch $@

bench: build
	cargo bench --locked --bench load -- $(ARGS)
