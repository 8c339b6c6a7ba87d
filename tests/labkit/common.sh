# Where the lab keeps things, and the processes it started.

default_suites="bullseye bookworm trixie forky"
suites=${ASSOCSYNC_LAB_SUITES:-$default_suites}
roots=${ASSOCSYNC_LAB_ROOTS:-/var/cache/assocsync-lab}

# /run where it has room (it is often a small tmpfs). An existing lab decides,
# so that every command finds the same one.
pick_state() {
  local small=/run/assocsync-lab large=/var/lib/assocsync-lab free
  free=$(df -Pm /run 2>/dev/null | awk 'NR == 2 {print $4}') || free=0
  if [ -e "$small" ] || { [ ! -e "$large" ] && ((${free:-0} >= 2000)); }; then
    echo "$small"
  else
    echo "$large"
  fi
}
default_state=$(pick_state)
state=${ASSOCSYNC_LAB_STATE:-$default_state}
state=$(readlink -m -- "$state")

# The words that put a command into the lab's network; none when already there.
is_inside() { [ ! -e "$state/net" ] || [ /proc/self/ns/net -ef "$state/net" ]; }
enter=()
is_inside || enter=(nsenter --net="$state/net" --)

# Runs a command of this script inside.
inside() {
  is_inside || enter=(nsenter --net="$state/net" --)
  "${enter[@]}" "$self" "$@"
}

# These paths are written into slurm.conf and name a socket.
check_paths() {
  [[ $state$roots =~ ^[-A-Za-z0-9_./]+$ ]] ||
    die "blanks and signs in a path will not do: $state $roots"
  ((${#state} <= 80)) || die "too long for a socket's name: $state"
}

need_root() { ((EUID == 0)) || die "must run as root"; }

need_up() {
  need_root
  [ -e "$state/boot" ] || die "not up; run: tests/lab up"
}

# Names of the releases that are set up.
installed() {
  local pristine
  for pristine in "$state"/*/pristine.sql; do
    [ ! -e "$pristine" ] || basename "${pristine%/*}"
  done
}

# Prints the folder of a release.
folder() {
  need_up
  [ -n "$1" ] || die "which release? one of: $(installed | xargs)"
  [ -e "$state/$1/pristine.sql" ] ||
    die "no release '$1' here; there is: $(installed | xargs) (more: tests/lab up)"
  echo "$state/$1"
}

# Holds FILE open as FD, locked, until this process and its children end.
take_lock() {  # FD FILE
  while true; do
    eval "exec $1>\"\$2\""
    flock -w 900 "$1" || die "waited 15 minutes for the lock $2"
    # `down` removes the file: a lock on what is no longer there is none.
    [ ! "/proc/self/fd/$1" -ef "$2" ] || return 0
  done
}

# One `up` or `down` at a time; the lock outlives the state folder.
lock_lab() {
  mkdir -p "${state%/*}"
  take_lock 9 "$state.lock"
}

# One command at a time for each release.
alone() {
  take_lock 8 "$state/$1/lock"
}

# Waits for all background jobs; fails when one failed.
wait_all() {
  local job failed=0
  for job in $(jobs -p); do wait "$job" || failed=1; done
  return $failed
}

# A process is known by its pid and its start time, kept in NAME.proc: a pid
# alone may have been given to somebody else meanwhile.
start_time() {  # PID -> clock ticks since boot; nothing for a dead one
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  set -- ${stat##*) }
  [ "${1-Z}" = Z ] || echo "${20}"
}

proc_of() {  # RELEASE [DAEMON]
  case ${2-slurmdbd} in
    slurmdbd) echo "$state/$1/slurmdbd.proc" ;;
    slurmctld | slurmd)
      has_controller "$1" || die "no controller; run: tests/lab up --controller $1"
      echo "$state/$1/controller/$2.proc"
      ;;
    *) die "no daemon '$2'" ;;
  esac
}

is_running() {  # FILE.proc
  local pid time
  [ -e "$1" ] || return 1
  read -r pid time <"$1"
  [ "$(start_time "$pid")" = "$time" ]
}

process_line() {
  local pid time
  if is_running "$1"; then
    read -r pid time <"$1"
    echo "runs, pid $pid"
  else
    echo "does not run"
  fi
}

# Starts a daemon that keeps nothing of the caller: session, terminal, files.
start_process() {  # FILE.proc LOG COMMAND...
  local proc=$1 log=$2 pid fd
  shift 2
  rm -f "$proc"
  (
    pid=$BASHPID
    echo "$pid $(start_time "$pid")" >"$proc"
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      ((fd < 3)) || eval "exec $fd>&-"
    done
    cd /
    exec setsid "$@" </dev/null >>"$log" 2>&1
  ) &
  disown $!
  until [ -s "$proc" ]; do sleep 0.005; done
}

end_process() {  # FILE.proc SIGNAL: returns when it is gone
  local pid time i
  is_running "$1" || { rm -f "$1"; return 0; }
  read -r pid time <"$1"
  kill -s "$2" "$pid" 2>/dev/null || true
  for ((i = 0; i < 2000; i++)); do
    is_running "$1" || break
    ((i != 1000)) || kill -s KILL "$pid" 2>/dev/null || true
    sleep 0.01
  done
  ! is_running "$1" || die "process $pid does not end"
  rm -f "$1"
}
