#!/usr/bin/env bash
#
# Shows that riscv64, the architecture of the real machine, gives the same bytes as this one: a
# recorded history of every kind of input is applied by the engine in process and by the built dApp
# behind HTTP, here and in a riscv64 Node under emulation, and every root, output, report and
# answer is compared.
#
#   npm run test:riscv64                  or, after `npm run build`:
#   bash test/riscv64/run.sh [INPUTS]     4,000 inputs by default
#
# It needs Debian's packages only and gets what is missing, as root, from the mirror that apt is
# configured with; elsewhere name one of Debian's in TALLYROLL_DEBIAN_MIRROR. The extracted Node
# stays in ~/.cache/tallyroll/riscv64. TALLYROLL_SEED=N repeats the history of another run.
#
# Exit codes: 0 everything is equal; 1 something differs, the first such input is named; 2 could
# not tell.

set -Eeuo pipefail

INPUTS=${1:-4000}
# The release whose Node the machine's image is built from.
RELEASE=trixie
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tallyroll/riscv64
ROOT=$CACHE/$RELEASE-nodejs
# RV64GC and no extensions, as the machine has; newer emulators offer vectors by default, which
# Node then uses and which take them three times as long.
CPU=sifive-u54
WORK=dist/riscv64
DAPP=dist/dapp/index.cjs
# What a check exits with when it has found a difference.
DIFFERS=64

could_not() {
  echo "riscv64: could not tell: $*" >&2
  exit 2
}

trap 'could_not "line $LINENO failed"' ERR
# Jobs in the background don't hear of Ctrl-C.
trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true' EXIT

step() {
  echo "riscv64: [${SECONDS} s] $*"
}

# Once a run is enough.
update_lists() {
  [[ -z ${are_lists_new:-} ]] || return 0
  apt-get update -qq || could_not "apt-get update failed"
  are_lists_new=yes
}

# Installs the packages after the name of the command or file whose absence they mend.
require() {
  local wanted=$1
  shift
  if [[ -e $wanted ]] || command -v "$wanted" >/dev/null; then return; fi
  [[ $EUID -eq 0 ]] || could_not "$wanted is missing; as root: apt-get install $*"
  command -v apt-get >/dev/null || could_not "$wanted is missing, and there is no apt-get"
  step "installing $*"
  update_lists
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    could_not "apt-get install $* failed"
}

# Where all of qemu-user is static, the suffix may be missing.
find_emulator() {
  command -v qemu-riscv64-static || command -v qemu-riscv64
}

# The first of apt's mirrors that carries Debian itself.
find_mirror() {
  if [[ -n ${TALLYROLL_DEBIAN_MIRROR:-} ]]; then
    echo "$TALLYROLL_DEBIAN_MIRROR"
    return
  fi
  # The placeholders are apt's.
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "Debian" && !uri { uri = $3 } END { print uri }'
}

has_root() {
  [[ $("${RISCV64_NODE[@]}" -p process.arch 2>/dev/null) == riscv64 ]]
}

# Nothing of the extracted packages is run or configured: Node only needs its libraries. base-files
# brings the links from /lib to /usr/lib.
extract_root() {
  require mmdebstrap mmdebstrap
  require "$KEYRING" debian-archive-keyring
  local mirror proxy='' options=() partial=$ROOT.partial
  mirror=$(find_mirror)
  if [[ -z $mirror && $EUID -eq 0 ]]; then
    update_lists
    mirror=$(find_mirror)
  fi
  [[ -n $mirror ]] || could_not "apt knows no mirror of Debian; name one in TALLYROLL_DEBIAN_MIRROR"
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  if [[ -n $proxy ]]; then options+=("--aptopt=Acquire::http::Proxy \"$proxy\""); fi
  step "extracting Node for riscv64 from Debian $RELEASE"
  rm -rf "$partial"
  mmdebstrap --quiet --architectures=riscv64 --variant=extract --include=nodejs,base-files \
    --keyring="$KEYRING" "${options[@]}" "$RELEASE" "$partial" "$mirror" ||
    could_not "Debian's packages for riscv64 could not be extracted"
  rm -rf "$ROOT"
  # A root of this name is whole.
  mv -T "$partial" "$ROOT"
}

# Compares on one architecture, with the command of its Node: both subjects at the same time.
compare() {
  local architecture=$1 engine dapp engine_code=0 dapp_code=0
  shift
  "$@" "$WORK/check-engine.cjs" "$WORK" "$architecture" &
  engine=$!
  node "$WORK/check-dapp.mjs" "$WORK" "$architecture" "$DAPP" "$@" &
  dapp=$!
  wait "$engine" || engine_code=$?
  wait "$dapp" || dapp_code=$?
  if [[ $engine_code -eq $DIFFERS || $dapp_code -eq $DIFFERS ]]; then exit 1; fi
  if [[ $engine_code -ne 0 || $dapp_code -ne 0 ]]; then
    could_not "the engine's check ended with $engine_code, the dApp's with $dapp_code"
  fi
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ -e $DAPP ]] || could_not "there is no $DAPP; run: npm run build"

find_emulator >/dev/null || require qemu-riscv64-static qemu-user-static
emulator=$(find_emulator) || could_not "qemu-user-static brought no emulator"
RISCV64_NODE=("$emulator" -cpu "$CPU" -L "$ROOT" "$ROOT/usr/bin/node")
mkdir -p "$CACHE"
# Two runs at a time would extract into one folder.
exec 9>"$CACHE/lock"
flock 9
has_root || extract_root
has_root || could_not "the extracted Node does not run; remove $ROOT and try again"
exec 9>&-

step "recording $INPUTS inputs"
node test/riscv64/bundle.mjs || could_not "the check could not be built"
node "$WORK/record.mjs" "$WORK" "$INPUTS" || could_not "the history could not be recorded"

step "comparing on this machine"
compare "$(node -p process.arch)" node
step "comparing on riscv64"
compare riscv64 "${RISCV64_NODE[@]}"
step "done"
