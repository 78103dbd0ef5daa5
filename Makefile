# make demo [SCRIPT=evening] [ARGS='--tables 20']   a seeded shop in a temporary directory
# make test                                         every test: Rust, payments, tunnels, browser, sound, popup, proxy
# make check                                        the everyday loop: format, lints, rules, tidiness
# make bench                                        load, latency and memory against reference servers
# INSTALL=no with any of them leaves the system's packages alone.

BUILD_PACKAGES = cc=build-essential pkg-config libasound2-dev
TEST_PACKAGES = pulseaudio pulseaudio-utils pipewire wireplumber dbus-daemon dbus-bin dunst xvfb imagemagick fonts-noto-cjk chromium \
	nginx-light procps node=nodejs npm=npm iproute2 curl openssl openssh-client openssh-server
# A tunnel in one program; the tests send callbacks through it.
BORE = target/tools/bin/bore

.PHONY: build demo test check bench install-build install-test

install-build:
	@tools/ensure-packages $(BUILD_PACKAGES)

install-test: install-build
	@tools/ensure-packages $(TEST_PACKAGES)

build: install-build
	cargo build --release --locked

demo: build
	@exec target/release/tablebell demo $(if $(SCRIPT),--script $(SCRIPT)) $(ARGS)

$(BORE):
	cargo install bore-cli --version 0.6.0 --locked --root target/tools

test: install-test $(BORE)
	cd tests/provider && npm ci --no-audit --no-fund && npm test
	cargo test --locked --lib --bins --tests
	cd tests/browser && npm ci --no-audit --no-fund && npm test

check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --lib --test tidy

bench: build
	cargo bench --locked --bench load -- $(ARGS)
