#!/bin/sh
# Starts keeper or agent of the version that its link names: start.sh keeper|agent. Run by whatever keeps it running.
# And before a keeper is stopped for longer than a moment: start.sh fence ends what only runs under a lease. It would run
# on without anybody who ends it when the lease is over, beside its successor on another host.
#
# 1. While a new version is on trial, its starts are counted and its time runs. What is not accepted in time, or ends
#    too often, is turned back to the version before. No line of the new version takes part in that.
# 2. This file lies outside of all versions; an upgrade does not replace it, only the installer does.
#
# PREFIX/ROLE          link to versions/V
# PREFIX/ROLE.trial    "NEW OLD SECONDS" while NEW is on trial; removed when it was accepted, or turned back
# PREFIX/ROLE.boots    uptime at each start of the trial, a line each
# PREFIX/ROLE.rejected "NEW REASON…" after turning back
# PREFIX/hold          while it is there nothing starts: the host is being uninstalled
set -u

most_boots=3

uptime_s() {
  read -r up _ </proc/uptime
  echo "${up%%.*}"
}

# Start time of a process: with its pid it names one process.
born() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086 # fields
  set -- ${stat##*) }
  echo "${20}"
}

is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

is_version() {
  case $1 in '' | .* | *[!0-9A-Za-z.+-]*) return 1 ;; esac
}

turn_back() {
  [ -f "$trial" ] || return 0
  ln -sfn "versions/$old" "$prefix/.$role.$$" && mv -T "$prefix/.$role.$$" "$prefix/$role" || return 0
  echo "$new $1" >"$prefix/$role.rejected"
  rm -f "$trial" "$boots"
  echo "coppice: $role $new was turned back to $old: it $1" >&2
}

# Beside the running agent until its time is over: watch PID SECONDS
watch() {
  mine=$(born "$1") || return 0
  left=$2
  while [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
    [ -f "$trial" ] || return 0
    [ "$(born "$1")" = "$mine" ] || return 0
  done
  turn_back "was not accepted within $seconds s"
  kill -TERM "$1" 2>/dev/null
  for _ in 1 2 3 4 5; do
    sleep 1
    [ "$(born "$1")" = "$mine" ] || return 0
  done
  kill -KILL "$1" 2>/dev/null
}

judge() {
  [ -f "$trial" ] || return 0
  read -r new old seconds _ <"$trial" || new=
  if ! is_version "$new" || ! is_version "$old" || ! is_number "$seconds" || ! [ -d "$prefix/versions/$old" ]; then
    rm -f "$trial" "$boots"
    return 0
  fi
  now=$(uptime_s)
  first=
  if [ -f "$boots" ]; then read -r first <"$boots" || first=; fi
  # No start yet, or none since the machine was booted.
  if ! is_number "$first" || [ "$now" -lt "$first" ]; then
    first=$now
    rm -f "$boots"
  fi
  echo "$now" >>"$boots"
  count=$(wc -l <"$boots")
  left=$((first + seconds - now))
  if [ "$count" -gt "$most_boots" ]; then
    turn_back "ended $most_boots times before it was accepted"
  elif [ "$left" -le 0 ]; then
    turn_back "was not accepted within $seconds s"
  elif [ "$role" = agent ]; then
    # Twice in the background: it must not be a child of the agent, which would never collect it. The keeper has none:
    # `coppice-agent upgrade` watches that one, and a second process in its cgroup would be taken for a program's.
    (watch $$ "$left" &)
  fi
}

# By systemd, as ExecStop. That one runs before a restart, too, and after an end by itself: in both cases the next keeper
# takes over within a second, and no program notices.
fence() {
  [ -n "${MAINPID-}" ] && kill -0 "$MAINPID" 2>/dev/null || exit 0
  case " $(systemctl list-jobs --no-legend --full coppice-keeper.service 2>/dev/null) " in
    *" restart "*) exit 0 ;;
  esac
  exec "$prefix/bin/node" "$prefix/agent/agent.mjs" end-programs --exclusive --grace 10 --state "$state"
}

main() {
  role=${1-}
  case $role in
    keeper | agent | fence) ;;
    *)
      echo "usage: start.sh keeper|agent|fence" >&2
      exit 2
      ;;
  esac
  prefix=$(cd "$(dirname "$0")/.." && pwd) || exit 1
  state=${COPPICE_STATE:-/var/lib/coppice}
  if [ "$role" = fence ]; then fence; fi
  trial=$prefix/$role.trial
  boots=$prefix/$role.boots
  if [ -e "$prefix/hold" ]; then
    echo "coppice: $prefix/hold is there: nothing is started" >&2
    exit 75
  fi
  judge
  mkdir -p "$state" && chmod 700 "$state"
  echo "$$ $(born $$)" >"$state/$role.pid"
  version=$(readlink "$prefix/$role")
  version=$prefix/versions/${version##*/}
  {
    read -r environment
    read -r flags
  } <"$version/$role.start" || exit 1
  export COPPICE_PREFIX="$prefix" COPPICE_STATE="$state"
  if [ "$role" = keeper ]; then
    set -- "$version/keeper.mjs" --state "$state"
  else
    path=${COPPICE_PROGRAM_PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
    # A Node that came along is there for the programs as well, after the machine's own.
    if [ -d "$prefix/node/bin" ]; then path=$path:$prefix/node/bin; fi
    set -- "$version/agent.mjs" run --state "$state" --program-path "$path"
  fi
  # shellcheck disable=SC2086 # words
  exec env $environment "$prefix/bin/node" $flags "$@"
}

main "$@"
