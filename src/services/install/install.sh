#!/bin/sh
# Makes this machine a host of a Coppice project, or mends and upgrades the one that it is.
#
#   curl -fsSL @ORIGIN@/install.sh | sudo TOKEN=… sh                       join and start
#   curl -fsSL @ORIGIN@/install.sh | sudo sh                               repair or upgrade; no token needed
#   curl -fsSL @ORIGIN@/install.sh | sh -s -- --dry-run                    say every step, change nothing
#   curl -fsSL @ORIGIN@/install.sh | sudo sh -s -- uninstall [--yes] [--purge]
#
# In the environment, never as arguments, for those are seen by every user of the machine:
#   TOKEN                    join token, needed until the machine has joined
#   NAME                     the host's name; default: the machine's
#   URL                      the control plane; default: where this script came from
#   LABELS, REGION           what workers choose hosts by: LABELS=disk=ssd,gpu=no REGION=eu
#   SLOTS, MEMORY, CPUS      what the host offers: SLOTS=20 MEMORY=4G CPUS=2; default: 100 slots, all of the machine
#   NODE_URL, NODE_SHA256    another place of the Node archive (tar.gz), where nodejs.org can't be reached
#
# --no-service installs and joins without systemd, and says what to run.
# Everything is in functions, and the last line calls the first: a download that was cut off does nothing.
set -eu

prefix=/opt/coppice
state=/var/lib/coppice
units=/etc/systemd/system
command=/usr/local/bin/coppice-agent
# Of nodejs.org's own SHASUMS256.txt.
node_version=24.21.0
node_sha256_x64=6e1db87ef58b8819e5d5402eff1536491b18edd8eb7bee5ef7897876e88dc5ff
node_sha256_arm64=724282c3b43aec998aa9527380465b45d229e021b58035f5f4f63095eabfe5d5

say() { echo "coppice: $*"; }
die() {
  echo "coppice: $*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Says what is done; false where it must not be done.
step() {
  if [ -n "$dry" ]; then
    echo "would $*"
    return 1
  fi
  say "$*"
}

usage() {
  die "usage: install.sh [--dry-run] [--no-service] | install.sh uninstall [--dry-run] [--yes] [--purge]"
}

fetch() { # URL: its body on stdout
  if have curl; then
    curl -fsSL --retry 3 --connect-timeout 20 "$1"
  else
    wget -q -T 60 -O - "$1"
  fi
}

# Downloads, and keeps the file only where it is the one that was meant: verified URL SHA256 FILE
verified() {
  fetch "$1" >"$3" || die "$1 could not be downloaded"
  found=$(sha256sum <"$3")
  found=${found%% *}
  if [ "$found" != "$2" ]; then
    rm -f "$3"
    die "$1 has the wrong checksum: $found instead of $2. Nothing of it was used; try again, and tell whoever runs $url if it stays so"
  fi
}

check_machine() {
  [ "$(uname -s)" = Linux ] || die "hosts run Linux, this is $(uname -s)"
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) die "hosts are x86_64 or aarch64, this is $(uname -m)" ;;
  esac
  [ -n "$dry" ] || [ "$(id -u)" = 0 ] || die "this needs root: put sudo before sh, as in: curl -fsSL $url/install.sh | sudo TOKEN=… sh"
  have curl || have wget || die "curl is missing: install it first"
  for tool in tar gzip sha256sum readlink mktemp sed; do
    have $tool || die "$tool is missing: install it first"
  done
  service=yes
  if [ -n "$no_service" ] || ! have systemctl || ! [ -d /run/systemd/system ]; then service=; fi
}

# The names and checksums of what this control plane serves.
read_manifest() {
  manifest=$(fetch "$url/agent/manifest.txt") || die "$url cannot be reached, or is no control plane of Coppice: check URL and the network"
  case $manifest in
    "coppice-agent 1 "*) ;;
    *) die "$url did not answer like a control plane of Coppice: check URL" ;;
  esac
  version=$(echo "$manifest" | sed -n '1s/^coppice-agent 1 //p')
  case $version in '' | .* | *[!0-9A-Za-z.+-]*) die "$url names a version that cannot be: $version" ;; esac
}

good_node() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' 2>/dev/null
}

install_node() {
  if [ -x "$prefix/bin/node" ] && good_node "$prefix/bin/node"; then return; fi
  own=$(command -v node || :)
  if [ -n "$own" ] && good_node "$own"; then
    if step "use the machine's own Node, $own"; then
      ln -sfn "$own" "$prefix/bin/node"
    fi
    return
  fi
  [ -z "$own" ] || say "$own is $("$own" --version 2>/dev/null || echo broken): 22.18 is the oldest that will do"
  from=${NODE_URL:-https://nodejs.org/dist/v$node_version/node-v$node_version-linux-$arch.tar.gz}
  if [ -n "${NODE_SHA256-}" ]; then sum=$NODE_SHA256; elif [ $arch = x64 ]; then sum=$node_sha256_x64; else sum=$node_sha256_arm64; fi
  step "bring Node $node_version from $from, sha256 $sum" || return 0
  verified "$from" "$sum" "$work/node.tar.gz"
  mkdir "$work/node"
  tar -xzf "$work/node.tar.gz" -C "$work/node" --strip-components=1 --no-same-owner
  good_node "$work/node/bin/node" || die "the Node that was brought does not run here (Alpine?): install Node 22.18 or newer with the machine's own packages, then run this again"
  rm -rf "$prefix/node.old"
  [ ! -d "$prefix/node" ] || mv "$prefix/node" "$prefix/node.old"
  mv "$work/node" "$prefix/node"
  rm -rf "$prefix/node.old"
  ln -sfn ../node/bin/node "$prefix/bin/node"
}

install_git() {
  if have git; then return; fi
  if have apt-get; then
    installer="apt-get install -y -qq --no-install-recommends git"
  elif have dnf; then
    installer="dnf install -y -q git"
  elif have apk; then
    installer="apk add -q git"
  else
    die "git is missing: install it first"
  fi
  step "install git: $installer" || return 0
  [ "${installer%% *}" != apt-get ] || apt-get update -qq >/dev/null || :
  $installer >/dev/null || die "git could not be installed: do it by hand ($installer), then run this again"
}

install_version() {
  if [ -d "$prefix/versions/$version" ]; then
    if (cd "$prefix/versions/$version" && echo "$manifest" | sed 1d | sha256sum -c --quiet -) >/dev/null 2>&1; then return; fi
    say "the files of version $version are damaged"
  fi
  step "download keeper and agent $version from $url, each checked against its sha256" || return 0
  mkdir "$work/version"
  echo "$manifest" | sed 1d | while read -r sum name; do
    case $name in '' | *[!a-z0-9.-]* | .*) die "$url names a file that cannot be: $name" ;; esac
    verified "$url/agent/$version/$name" "$sum" "$work/version/$name"
  done
  chmod 755 "$work/version" "$work/version/start.sh"
  rm -rf "$prefix/versions/$version.old"
  [ ! -d "$prefix/versions/$version" ] || mv "$prefix/versions/$version" "$prefix/versions/$version.old"
  mv "$work/version" "$prefix/versions/$version"
  rm -rf "$prefix/versions/$version.old"
}

# Replaces a file as a whole, from stdin: put FILE MODE
put() {
  cat >"$1.new"
  chmod "$2" "$1.new"
  mv -f "$1.new" "$1"
}

install_files() {
  from=$prefix/versions/$version
  if step "write $command and $prefix/bin/start.sh"; then
    put "$prefix/bin/start.sh" 755 <"$from/start.sh"
    put "$command" 755 <<EOF
#!/bin/sh
# Written by Coppice's installer.
COPPICE_STATE=$state COPPICE_PREFIX=$prefix exec $prefix/bin/node $prefix/agent/agent.mjs "\$@"
EOF
    # Where a link is there already, it changes only by a trial.
    for role in keeper agent; do
      [ -L "$prefix/$role" ] || ln -s "versions/$version" "$prefix/$role"
    done
  fi
  [ -n "$service" ] || return 0
  step "write $units/coppice-keeper.service and $units/coppice-agent.service" || return 0
  for unit in coppice-keeper.service coppice-agent.service; do
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@STATE@|$state|g" -e "s|@URL@|$url|g" "$from/$unit" | put "$units/$unit" 644
  done
}

join_project() {
  if [ -f "$state/agent.json" ]; then
    say "this machine has joined already"
    return
  fi
  [ -n "${TOKEN-}" ] || [ -n "$dry" ] || die "TOKEN is missing: make one with \`coppice hosts add\` or on the dashboard, then: curl -fsSL $url/install.sh | sudo TOKEN=… sh"
  step "join with the token, and keep the credential in $state/agent.json" || return 0
  set -- join --state "$state" --url "$url"
  if [ -n "${NAME-}" ]; then set -- "$@" --name "$NAME"; fi
  if [ -n "${REGION-}" ]; then set -- "$@" --region "$REGION"; fi
  if [ -n "${SLOTS-}" ]; then set -- "$@" --slots "$SLOTS"; fi
  if [ -n "${MEMORY-}" ]; then set -- "$@" --memory "$MEMORY"; fi
  if [ -n "${CPUS-}" ]; then set -- "$@" --cpus "$CPUS"; fi
  labels=${LABELS-}
  while [ -n "$labels" ]; do
    label=${labels%%,*}
    case $labels in *,*) labels=${labels#*,} ;; *) labels= ;; esac
    [ -z "$label" ] || set -- "$@" --label "$label"
  done
  TOKEN=${TOKEN-} "$prefix/bin/node" "$prefix/versions/$version/agent.mjs" "$@" || exit 1
}

start_services() {
  step "start coppice-keeper and coppice-agent, now and after each boot" || return 0
  systemctl daemon-reload
  systemctl enable --quiet coppice-keeper.service coppice-agent.service
  systemctl start coppice-keeper.service coppice-agent.service
}

# An installed version that is another one gives way to this one, on trial; no program notices.
take_over() {
  for role in keeper agent; do
    [ "$(readlink "$prefix/$role" 2>/dev/null || :)" != "versions/$version" ] || continue
    if [ -n "$dry" ]; then
      # A first installation has nothing to give way.
      if [ -L "$prefix/$role" ]; then echo "would upgrade from $(readlink "$prefix/$role") to $version, on trial"; fi
      continue
    fi
    say "upgrade to $version, on trial: it goes back by itself where it does not come online"
    COPPICE_STATE=$state COPPICE_PREFIX=$prefix "$prefix/bin/node" "$prefix/versions/$version/agent.mjs" upgrade --from "$url" || exit 1
    return
  done
}

install() {
  check_machine
  if ! [ -f "$state/agent.json" ] && [ -z "${TOKEN-}" ] && [ -z "$dry" ]; then
    die "TOKEN is missing: make one with \`coppice hosts add\` or on the dashboard, then: curl -fsSL $url/install.sh | sudo TOKEN=… sh"
  fi
  read_manifest
  say "keeper and agent $version from $url, into $prefix; state in $state"
  work=
  if [ -z "$dry" ]; then
    mkdir -p "$prefix/bin" "$prefix/versions"
    chmod 755 "$prefix" "$prefix/bin" "$prefix/versions"
    mkdir -p -m 700 "$state"
    # On the same file system, so that what is whole is moved into place at once.
    work=$(mktemp -d "$prefix/.install.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
  fi
  install_git
  install_node
  install_version
  join_project
  unset TOKEN
  install_files
  # An uninstall that was broken off left it: nothing would start.
  if [ -e "$prefix/hold" ] && step "let the services start again"; then rm -f "$prefix/hold"; fi
  if [ -z "$service" ]; then
    take_over
    by_hand
    return
  fi
  start_services
  take_over
  if step "wait until the host is online"; then
    "$command" wait --timeout 60 || {
      journalctl -u coppice-agent.service -n 10 --no-pager 2>/dev/null || :
      die "the host is not online yet; \`sudo coppice-agent doctor\` says why"
    }
  fi
}

by_hand() {
  if [ -n "$no_service" ]; then why="as asked, no service was made"; else why="there is no systemd here"; fi
  say "$why. Keep these two running as root, each started again whenever it ends, also after a boot:"
  echo "  $prefix/bin/start.sh keeper"
  echo "  $prefix/bin/start.sh agent"
  say "then: sudo coppice-agent wait"
}

ask() {
  [ -z "$yes" ] || return 0
  # stdin is this script.
  if [ -t 1 ] && [ -r /dev/tty ]; then
    printf 'coppice: %s Type yes to go on: ' "$1"
    read -r answer </dev/tty || answer=
    [ "$answer" = yes ] || die "nothing was changed"
  else
    die "$1 Nothing was changed; --yes goes on without a question"
  fi
}

uninstall() {
  [ -n "$dry" ] || [ "$(id -u)" = 0 ] || die "this needs root"
  service=
  if have systemctl && [ -d /run/systemd/system ] && [ -f "$units/coppice-keeper.service" ]; then service=yes; fi
  if ! [ -d "$prefix" ] && ! [ -f "$units/coppice-keeper.service" ]; then
    say "nothing of Coppice is installed here"
    left_behind
    return
  fi
  running=0 silent=
  if [ -x "$command" ]; then
    running=$("$command" programs 2>/dev/null) || silent=yes
    case $running in '' | *[!0-9]*) running=0 silent=yes ;; esac
  fi
  if [ -n "$dry" ]; then
    :
  elif [ -n "$silent" ]; then
    ask "The keeper does not answer: programs of Coppice may run here ($running processes are seen), and would be killed."
  elif [ "$running" != 0 ]; then
    ask "$running programs of Coppice run here, and would be stopped."
  fi
  if [ -n "$service" ] && step "stop coppice-agent, and start it no more"; then
    systemctl disable --quiet --now coppice-agent.service || :
  fi
  if [ -x "$command" ] && step "end the programs ($running run) and their keeper"; then
    # The keeper comes back by itself, but with this file it does nothing.
    : >"$prefix/hold"
    "$command" end-programs || say "some programs may still run: see \`ps\`"
  fi
  if [ -n "$service" ] && step "remove both services"; then
    systemctl disable --quiet --now coppice-keeper.service || :
    rm -f "$units/coppice-keeper.service" "$units/coppice-agent.service"
    systemctl daemon-reload || :
  fi
  if step "remove $prefix and $command"; then
    rm -rf "$prefix"
    rm -f "$command"
  fi
  if [ -n "$purge" ] && step "remove $state with the credential, unsent logs, releases, and the HOME of each worker"; then
    rm -rf "$state"
  fi
  left_behind
}

left_behind() {
  if [ -d "$state" ] && { [ -z "$dry" ] || [ -z "$purge" ]; }; then
    say "left: $state, with the credential, unsent logs, releases, and the HOME of each worker; --purge removes it, too"
  fi
  say "left: git, where it was installed. The project still lists the host: coppice hosts rm NAME"
}

main() {
  url=${URL:-@ORIGIN@}
  url=${url%/}
  dry= no_service= yes= purge= task=install
  case $url in
    http://* | https://*) ;;
    *) die "URL is not an http(s) address: $url" ;;
  esac
  case $url in *[!]A-Za-z0-9.:/_@%+~[-]*) die "URL is not an address: $url" ;; esac
  for word in "$@"; do
    case $word in
      uninstall) task=uninstall ;;
      --dry-run) dry=yes ;;
      --no-service) no_service=yes ;;
      --yes) yes=yes ;;
      --purge) purge=yes ;;
      *) usage ;;
    esac
  done
  umask 022
  $task
}

main "$@"
