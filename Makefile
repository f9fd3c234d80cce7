# Targets: setup build test lab bench docs clean. setup and build do nothing when nothing changed.
SHELL := /bin/sh
.DELETE_ON_ERROR:

# Compilers of the datapaths, the tools that build the virtual wire, and what the npm package canvas is built from.
DEBIAN := ca-certificates make g++ python3 pkg-config clang llvm libbpf-dev libxdp-dev liburing-dev \
	bpftool ethtool iproute2 iputils-ping util-linux procps \
	libcairo2-dev libpango1.0-dev libjpeg-dev libgif-dev librsvg2-dev fonts-dejavu-core

# What only the tests need: DPDK, languages of runtimes/ and of a client, another load generator, two hosts, a cluster, guests with other
# kernels or with a Debian of their own, what makes hosts ready, what scrapes metrics, and arm64 where the CPU is another.
TEST_DEBIAN := golang-go rustc libdpdk-dev sockperf openssh-client openssh-server rsync libcap2-bin slurmctld slurmd slurm-client munge \
	qemu-system-x86 ipxe-qemu seabios cpio busybox-static kmod xz-utils zstd debootstrap ansible-core ansible-lint \
	prometheus chromium
ifeq ($(shell uname -m),x86_64)
TEST_DEBIAN += libstdc++-12-dev-arm64-cross lld qemu-user
endif

# Kernels of the lab: test/lab/kernel.sh knows them.
LAB_KERNELS ?= 6.1,6.12,7

# Node's own headers where they came with Node: nothing is downloaded then.
NODE_PREFIX := $(shell dirname $$(dirname $$(readlink -f $$(command -v node))))
ifneq ($(wildcard $(NODE_PREFIX)/include/node/node.h),)
export npm_config_nodedir := $(NODE_PREFIX)
endif

MODULES := node_modules/.package-lock.json
RUNTIMES := runtimes/node_modules/.package-lock.json
CANVAS := node_modules/canvas/build/Release/canvas.node
ADDON := build/Release/invoker.node
DEBUG_ADDON := build/Debug/invoker.node
DIST := dist/.built
TYPESCRIPT := $(shell find model common harness impls loadgen native -name '*.ts')
PAGE := harness/report/page
TREND := harness/report/trend
NATIVE := binding.gyp $(wildcard native/*.cc native/*.h bpf/*.c bpf/*.h bpf/*.sh)

.PHONY: setup build test lab bench docs clean debian charts

setup: debian $(CANVAS)

build: debian $(DIST) $(ADDON) $(CANVAS)

test: DEBIAN += $(TEST_DEBIAN)
test: build $(DEBUG_ADDON) $(RUNTIMES)
	node_modules/.bin/biome check --error-on-warnings .
	node_modules/.bin/tsc --noEmit -p test/tsconfig.json
	cd deploy/ansible && ansible-lint --offline -q site.yml
	node_modules/.bin/vitest run

# Debian's kernels as guests of QEMU, with a real driver: a line a kernel and case, then a table.
lab: DEBIAN += $(TEST_DEBIAN)
lab: build $(DEBUG_ADDON)
	@test/lab/requirements.sh
	@for kernel in $$(echo $(LAB_KERNELS) | tr , ' '); do test/lab/kernel.sh $$kernel >/dev/null || exit 2; done
	LAB_SCOPE=full LAB_KERNELS=$(LAB_KERNELS) node_modules/.bin/vitest run --project lab \
		--reporter=verbose --reporter=./test/lab/kernel-table.ts

bench: build
	@node --enable-source-maps dist/harness/main.js --scenario scenarios/quick.yaml

# Figures of the run in RUN, and all pictures. Measures for a minute, as root.
RUN ?= results/latest
docs: build
	node --enable-source-maps dist/harness/readme-main.js $(RUN)
	node --enable-source-maps dist/harness/pictures-main.js

clean:
	rm -rf build dist dist.new dist.old node_modules runtimes/node_modules

# Without dpkg the packages are for the user to install. Some bring daemons along: none becomes a service of this machine, now (policy-rc.d) or at its next boot.
debian:
	@command -v node >/dev/null || { echo 'invoker-bench: install Node 20 first'; exit 1; }
	@command -v dpkg-query >/dev/null || exit 0; \
	missing=$$(for p in $(DEBIAN); do dpkg-query -Wf '$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "invoker-bench: as root, run: apt-get install -y --no-install-recommends" $$missing; exit 1; fi; \
	policy=/usr/sbin/policy-rc.d; \
	if [ ! -e $$policy ] || grep -q invoker-bench $$policy; then \
		trap "rm -f $$policy" EXIT; trap 'exit 130' INT TERM; \
		printf '#!/bin/sh\n# Of invoker-bench, while it installs packages.\nexit 101\n' >$$policy; chmod 755 $$policy; fi; \
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing || exit; \
	for pair in openssh-server:ssh munge:munge slurmd:slurmd slurmctld:slurmctld prometheus:prometheus; do \
		case " "$$(echo $$missing)" " in *" $${pair%:*} "*) systemctl -q disable $${pair#*:} 2>/dev/null || true ;; esac; done

$(MODULES): package.json package-lock.json
	npm ci --ignore-scripts
	@touch $@

# What runtimes/ measures of npm; its scripts are those of Bun, which take the binary for this CPU.
$(RUNTIMES): runtimes/package.json runtimes/package-lock.json
	npm ci --prefix runtimes
	@touch $@

# What charts are drawn with: downloaded, or compiled where that fails.
$(CANVAS): | $(MODULES)
	npm rebuild canvas

# For a report, whose reader may have no compiler: downloaded only. Where that fails the report has no charts, and says so.
charts: $(DIST)
	@[ -e $(CANVAS) ] || (cd node_modules/canvas && timeout 30 ../.bin/prebuild-install -r napi >/dev/null 2>&1) || true

$(ADDON): $(NATIVE) $(MODULES) | debian
	node_modules/.bin/node-gyp --loglevel=warn configure build --jobs=max
	@touch $@

# For the tests: checks at every step that a UMEM frame is in one place only.
$(DEBUG_ADDON): $(ADDON)
	$(MAKE) -s -j$$(nproc) -C build BUILDTYPE=Debug
	@touch $@

# Beside the old tree, and in its place only when it is whole: a benchmark under way starts processes from there.
$(DIST): $(TYPESCRIPT) $(PAGE)/style.css $(TREND)/style.css tsconfig.json $(MODULES)
	rm -rf dist.new dist.old
	node_modules/.bin/tsc -p . --outDir dist.new
	for page in $(PAGE) $(TREND); do \
		node_modules/.bin/tsc -p $$page/browser && \
		node_modules/.bin/rolldown $$page/browser/main.ts --format iife --minify \
			--banner '/*! With uPlot, copyright Leon Sorokin, MIT licensed. */' \
			--file dist.new/$$page/browser/$${page##*/}.js >/dev/null || exit; done
	cat node_modules/uplot/dist/uPlot.min.css $(PAGE)/style.css >dist.new/$(PAGE)/browser/page.css
	cat dist.new/$(PAGE)/browser/page.css $(TREND)/style.css >dist.new/$(TREND)/browser/trend.css
	@touch dist.new/.built
	@if [ -e dist ]; then mv dist dist.old; fi
	@mv dist.new dist
	@rm -rf dist.old
