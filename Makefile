# Everything a person needs. Each target does its own set-up first:
# build-aux/dev-root runs its command where Debian 13's libraries are.

DEV := build-aux/dev-root
.DEFAULT_GOAL := help
.PHONY: help demo run check bench screenshots

help:
	@echo "make demo    a private server, a small cast, and Stonechat signed in: chat at once"
	@echo "make run     the messenger, for your own account"
	@echo "make check   every check and test, with one summary"
	@echo "make bench   how fast and how large it is, beside the aims and the last run"
	@echo "make screenshots   redraw screenshots/"

demo:
	@$(DEV) build-aux/build stonechat
	@build-aux/demo

run:
	@$(DEV) build-aux/build --release stonechat
	@$(DEV) build-aux/run-built release

check:
	@$(DEV) build-aux/check

bench:
	@$(DEV) build-aux/bench

screenshots:
	@$(DEV) build-aux/screenshots
