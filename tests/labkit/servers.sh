# The network, munged, MariaDB and the slurmdbd of each release.

# After a reboot nothing runs and an unsynced database cannot be trusted.
forget_if_rebooted() {
  [ -e "$state/boot" ] || return 0
  [ "$(<"$state/boot")" != "$(</proc/sys/kernel/random/boot_id)" ] || return 0
  say "this machine was restarted: starting anew"
  remove_state
}

make_state() {
  [ ! -e "$state/boot" ] || return 0
  if [ -e "$state" ] && [ -n "$(ls -A "$state")" ]; then
    die "$state exists and is not a lab"
  fi
  mkdir -p "$state" || die "cannot make $state"
  chmod 755 "$state"
  (($(df -Pm "$state" | awk 'NR == 2 {print $4}') >= 700)) ||
    die "less than 700 MB free in $state"
  mkdir -p "$state"/munge "$state"/mariadb
  cat /proc/sys/kernel/random/boot_id >"$state/boot"
}

remove_state() {
  [ ! -e "$state/net" ] || umount "$state/net" 2>/dev/null || true
  rm -rf --one-file-system "$state" || die "cannot remove $state"
}

# slurmdbd up to 22.05 writes a message in two parts, which costs 40 ms of
# delayed acknowledgement each time. Only a route can ask for quick ones, and
# this machine's own routes are not ours to change.
make_network() {
  [ ! -e "$state/hostnet" ] || return 0
  [ -e "$state/net" ] || : >"$state/net"
  if [ "$(stat -f -c %T "$state/net")" != nsfs ] &&
    ! unshare --net="$state/net" true 2>/dev/null; then
    rm -f "$state/net"
    : >"$state/hostnet"
    say "warning: no network namespace here; using this machine's loopback" \
      "(20.11 and 22.05 are 10 times slower)"
    return 0
  fi
  # slurm's name look-up wants an address beyond 127.0.0.0/8.
  nsenter --net="$state/net" -- sh -ec '
    ip link set lo up
    ip address replace 192.0.2.1/32 dev lo
    for net in 127.0.0.0/8 127.0.0.1; do
      ip route change table local local $net dev lo proto kernel scope host \
        src 127.0.0.1 quickack 1
    done' || die "cannot set up the network namespace"
}

# First free port from START on, remembered in FILE.
free_port() {  # FILE START
  local port=$2
  [ ! -s "$1" ] || return 0
  while [ -n "$(ss -Hltn "sport = :$port")" ]; do port=$((port + 1)); done
  echo "$port" >"$1"
}

start_munged() {
  local dir=$state/munge root
  ! is_running "$dir/munged.proc" || return 0
  root=$(newest_root munged)
  [ -s "$dir/key" ] || (umask 077 && head -c 1024 /dev/urandom >"$dir/key")
  rm -f "$dir"/munged.sock*
  start_process "$dir/munged.proc" "$dir/munged.log" \
    $(root_command "$root" "$root/usr/sbin/munged") --foreground --num-threads=4 \
    --key-file="$dir/key" --socket="$dir/munged.sock" --pid-file="$dir/munged.pid" \
    --seed-file="$dir/seed" --log-file="$dir/munged.log"
  wait_for 10 "$dir/munged.proc" "$dir/munged.log" [ -S "$dir/munged.sock" ]
}

newest_root() {  # PROGRAM
  local suite found=
  for suite in $suites; do
    [ ! -x "$roots/$suite/root/usr/sbin/$1" ] || found=$roots/$suite/root
  done
  [ -n "$found" ] || die "no root has $1"
  echo "$found"
}

# Polls until COMMAND succeeds; dies with the log's last line when the process
# ends first.
wait_for() {  # SECONDS FILE.proc LOG COMMAND...
  local end=$((SECONDS + $1)) proc=$2 log=$3 name=${2#"$state"/}
  name=${name%.proc}
  shift 3
  until "$@" >/dev/null 2>&1; do
    is_running "$proc" || die "$name ended: $(tail -n 1 "$log")"
    ((SECONDS < end)) || die "$name does not answer: $(tail -n 1 "$log")"
    sleep 0.01
  done
}

start_mariadb() {
  local dir=$state/mariadb
  ! is_running "$dir/mariadbd.proc" || return 0
  free_port "$dir/port" 3306
  # Temporary files of its own: labs that start at once would share names.
  mkdir -p "$dir/tmp"
  # Character set: as in Debian's own configuration, which slurmdbd relies on.
  # No durability: a lab's database may die with the machine, and
  # with the server unless ASSOCSYNC_LAB_DURABLE is set.
  local flush=0 doublewrite=0
  [ -z "${ASSOCSYNC_LAB_DURABLE:-}" ] || flush=2 doublewrite=1
  cat >"$dir/server.cnf" <<END
[mariadbd]
user = root
datadir = $dir/data
socket = $dir/mariadb.sock
pid-file = $dir/mariadbd.pid
tmpdir = $dir/tmp
bind-address = 127.0.0.1
port = $(<"$dir/port")
skip-name-resolve
character-set-server = utf8mb4
collation-server = utf8mb4_general_ci
innodb_buffer_pool_size = 512M
innodb_log_file_size = 64M
innodb_lock_wait_timeout = 900
innodb_flush_log_at_trx_commit = $flush
innodb_flush_method = nosync
innodb_doublewrite = $doublewrite
performance_schema = OFF
END
  printf '[client]\nuser = root\nsocket = %s\n' "$dir/mariadb.sock" >"$dir/root.cnf"
  if [ ! -e "$dir/data/made" ]; then
    rm -rf "$dir/data"
    mariadb-install-db --defaults-file="$dir/server.cnf" --force --skip-test-db \
      --auth-root-authentication-method=socket >"$dir/install.log" 2>&1 ||
      die "mariadb-install-db failed: see $dir/install.log"
    : >"$dir/data/made"
  fi
  start_process "$dir/mariadbd.proc" "$dir/mariadbd.log" \
    /usr/sbin/mariadbd --defaults-file="$dir/server.cnf"
  wait_for 60 "$dir/mariadbd.proc" "$dir/mariadbd.log" sql -e 'SELECT 1'
}

sql() { mariadb --defaults-file="$state/mariadb/root.cnf" "$@"; }

choose_port() {  # RELEASE
  mkdir -p "$state/$1"
  free_port "$state/$1/port" "$((6819 + $(cat "$state"/*/port | wc -l) * 10))"
}

# Makes one release ready: configuration, database, the cluster, typed GRES.
up_release() {  # RELEASE SUITE
  local release=$1 root=$roots/$2/root dir=$state/$1
  alone "$release"
  if [ ! -e "$dir/pristine.sql" ]; then
    end_process "$dir/slurmdbd.proc" KILL  # of an attempt that was cut short
    write_release "$release" "$root"
    cp "$roots/$2/version" "$dir/version"
    empty_database "$release"
    start_slurmdbd "$release"
    "$dir/bin/sacctmgr" -i add cluster lab >"$dir/setup.log" 2>&1 ||
      die "$release: cannot add cluster lab: $(tail -n 1 "$dir/setup.log")"
    end_process "$dir/slurmdbd.proc" TERM
    # slurmctld would register GRES; there is none here.
    sql "$(<"$dir/database")" -e "INSERT INTO tres_table
      (creation_time, id, type, name) VALUES
      (UNIX_TIMESTAMP(), 1001, 'gres', 'gpu'),
      (UNIX_TIMESTAMP(), 1002, 'gres', 'gpu:a100')"
    save_database "$release" "$dir/pristine.sql"
  fi
  [ -z "${controller:-}" ] || has_controller "$release" ||
    make_controller "$release" "$root"
  start_release "$release"
}

write_release() {  # RELEASE ROOT
  local release=$1 root=$2 dir=$state/$1 database=slurm_${1/./_} plugins
  plugins=$(echo "$root"/usr/lib/*/slurm-wlm)
  mkdir -p "$dir/bin"
  echo "$database" >"$dir/database"
  cat >"$dir/slurm.conf" <<END
ClusterName=lab
SlurmctldHost=localhost
SlurmUser=root
PluginDir=$plugins
AuthType=auth/munge
AuthInfo=socket=$state/munge/munged.sock
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$(<"$dir/port")
AccountingStoragePass=$state/munge/munged.sock
END
  (umask 077 && cat >"$dir/slurmdbd.conf") <<END
AuthType=auth/munge
AuthInfo=socket=$state/munge/munged.sock
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$(<"$dir/port")
SlurmUser=root
PluginDir=$plugins
PidFile=$dir/slurmdbd.pid
DebugLevel=info
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$(<"$state/mariadb/port")
StorageUser=$database
StoragePass=labpass
StorageLoc=$database
END
  (umask 077 && cat >"$dir/my.cnf") <<END
[client]
protocol = tcp
host = 127.0.0.1
port = $(<"$state/mariadb/port")
user = $database
password = labpass
END
  local program
  for program in bin/sacctmgr bin/sacct bin/sreport bin/scontrol sbin/slurmdbd; do
    write_wrapper "$dir" "$root" "$program"
  done
}

# A few milliseconds at most, and no copy of the arguments: the wrapper becomes
# the program.
write_wrapper() {  # DIR ROOT PROGRAM
  local file=$1/bin/${3##*/} words
  words=$(root_command "$2" "$2/usr/$3")
  {
    echo "#!/bin/sh"
    echo "# Made by tests/lab. Slurm $(<"$2/../version"), inside the lab's network."
    echo "unset LD_PRELOAD LD_LIBRARY_PATH"
    echo "export SLURM_CONF='$1/slurm.conf'"
    [ ! -e "$state/net" ] ||
      echo "[ /proc/self/ns/net -ef '$state/net' ] ||
  exec nsenter --net='$state/net' -- $words \"\$@\""
    echo "exec $words \"\$@\""
  } >"$file"
  chmod 755 "$file"
}

start_slurmdbd() {  # RELEASE: returns when it answers
  local dir=$state/$1
  local users=()
  ! has_controller "$1" || users=("${with_users[@]}")
  is_running "$dir/slurmdbd.proc" || start_process "$dir/slurmdbd.proc" \
    "$dir/slurmdbd.log" "${users[@]}" "$dir/bin/slurmdbd" -D
  wait_for 120 "$dir/slurmdbd.proc" "$dir/slurmdbd.log" \
    listens_and_answers "$dir" "$(<"$dir/port")"
}

# The port first: sacctmgr takes seconds to give up on a closed one.
listens_and_answers() {  # DIR PORT
  [ -n "$(ss -Hltn "sport = :$2")" ] && "$1/bin/sacctmgr" -nP list cluster
}

empty_database() {  # RELEASE
  local name
  name=$(<"$state/$1/database")
  # On stdin: arguments are for everybody to read, and a test reads them.
  sql <<END || die "$1: cannot make database $name"
DROP DATABASE IF EXISTS $name; CREATE DATABASE $name;
CREATE OR REPLACE USER '$name'@'127.0.0.1' IDENTIFIED BY 'labpass';
CREATE OR REPLACE USER '$name'@'localhost' IDENTIFIED BY 'labpass';
GRANT ALL ON $name.* TO '$name'@'127.0.0.1', '$name'@'localhost';
END
}

save_database() {  # RELEASE FILE
  mariadb-dump --defaults-file="$state/mariadb/root.cnf" --single-transaction \
    --routines "$(<"$state/$1/database")" >"$2.tmp" && mv "$2.tmp" "$2" ||
    die "$1: cannot save the database to $2"
}

load_database() {  # RELEASE FILE
  empty_database "$1"
  sql "$(<"$state/$1/database")" <"$2" || die "$1: cannot load $2"
}
