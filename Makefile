# Everything a person needs. Each target does its own set-up first:
# build-aux/dev-root runs its command where Debian 13's libraries are.

DEV := build-aux/dev-root
.DEFAULT_GOAL := help
.PHONY: help demo run check soak fuzz bench screenshots install pot flatpak-check flatpak

# Where `make install` puts things; DESTDIR is for packagers.
PREFIX ?= /usr/local
DESTDIR ?=
# What `make soak` tries.
SERVER ?= prosody
SASL2 ?= on
SM ?= on
OMEMO ?= off
MINUTES ?= 10
# How many changes `make fuzz` tries of each kind.
CASES ?= 100000
# Reads sentences out of Rust sources; see build-aux/pot.
XTR := target/tools/bin/xtr

help:
	@echo "make demo    a private server, a small cast, and Stonechat signed in: chat at once"
	@echo "make run     the messenger, for your own account"
	@echo "make check   every check and test, with one summary"
	@echo "make soak    [SERVER=prosody|ejabberd] [SASL2=on|off] [SM=on|off] [OMEMO=on|off] [MINUTES=10]"
	@echo "             three people write while everything goes wrong; counts what was lost"
	@echo "make fuzz    [CASES=100000] changes by chance to everything encryption reads:"
	@echo "             exchanges, messages, keys, sessions, lists, links, pictures of codes"
	@echo "make bench   how fast and how large it is, beside the aims and the last run"
	@echo "make screenshots   redraw screenshots/"
	@echo "make install [PREFIX=/usr/local] [DESTDIR=]"
	@echo "             program, desktop entry, icons, metainfo, bus service, translations"
	@echo "make pot     gather the sentences for translators; see po/README.md"
	@echo "make flatpak-check   what a reviewer of the Flatpak would refuse, offline"
	@echo "make flatpak         build the Flatpak, where flatpak-builder and GNOME's runtime are"

demo:
	@$(DEV) build-aux/build stonechat
	@build-aux/demo

run:
	@$(DEV) build-aux/build --release stonechat
	@$(DEV) build-aux/run-built release

check:
	@$(DEV) build-aux/check

soak:
	@$(DEV) build-aux/soak --server "$(SERVER)" --sasl2 "$(SASL2)" --sm "$(SM)" --omemo "$(OMEMO)" --minutes "$(MINUTES)"

fuzz:
	@STONECHAT_FUZZ_CASES="$(CASES)" $(DEV) cargo test --locked --profile fuzz \
		--no-default-features --features testing --lib -- \
		mutations verification_link codes

bench:
	@$(DEV) build-aux/bench

screenshots:
	@$(DEV) build-aux/screenshots

install:
	@$(DEV) build-aux/stage "$(PREFIX)"
	@mkdir -p "$(DESTDIR)/" && cp -R target/stage/. "$(DESTDIR)/"
	@# A package does this after it was unpacked; here it makes links and icon known at once.
	@if [ -z "$(DESTDIR)" ]; then \
		update-desktop-database -q "$(PREFIX)/share/applications" 2>/dev/null || true; \
		gtk-update-icon-cache -qtf "$(PREFIX)/share/icons/hicolor" 2>/dev/null || true; \
	fi
	@echo "stonechat: Installed below $(DESTDIR)$(PREFIX)."

pot: $(XTR)
	@$(DEV) build-aux/pot $(XTR)

$(XTR):
	@echo "stonechat: Building xtr, which reads sentences out of Rust sources (once)."
	@cargo install --quiet --locked --root target/tools xtr@0.1.11

flatpak-check:
	@$(DEV) build-aux/flatpak-check

# On this machine itself: a Flatpak is built in a sandbox of its own.
flatpak: flatpak-check
	@build-aux/flatpak
