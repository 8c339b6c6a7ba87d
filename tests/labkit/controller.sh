# slurmctld and slurmd beside the slurmdbd of a release, and the machine's users
# as they see them.
#
# They execute themselves through /proc/self/exe, which a loader's wrapper is
# not: they are copies that name the root's loader and libraries.

has_controller() { [ -e "$state/$1/controller/ready" ]; }  # RELEASE

# The users of the lab's daemons: this machine's, and those of `users`. A bind
# mount shows them to a daemon and its children alone. Once for all releases,
# before they come up side by side.
make_users() {
  [ ! -e "$state/passwd" ] || return 0
  cp /etc/passwd "$state/passwd.new"
  mv "$state/passwd.new" "$state/passwd"
}
with_users=(unshare -m --propagation private -- sh -ec
  'mount --bind "$0" /etc/passwd; exec "$@"' "$state/passwd")

add_users() {  # NAME...
  local name uid
  take_lock 6 "$state/passwd.lock"
  uid=$(awk -F: '$3 >= 20000 && $3 < 60000 {n++} END {print 20000 + n}' "$state/passwd")
  # One write: a daemon may be reading.
  for name; do
    grep -q "^$name:" "$state/passwd" && continue
    echo "$name:x:$uid:65534::/tmp:/bin/sh"
    uid=$((uid + 1))
  done >"$state/passwd.new"
  cat "$state/passwd.new" >>"$state/passwd"
}

make_controller() {  # RELEASE ROOT
  local dir=$state/$1 root=$2 own=$state/$1/controller program
  local loader lib host
  mkdir -p "$own/bin"
  loader=$(echo "$root"/usr/lib/*/ld-linux*.so.*)
  lib=${loader%/*}
  for program in slurmctld slurmd slurmstepd; do
    cp "$root/usr/sbin/$program-wlm" "$own/bin/$program"
    patchelf --set-interpreter "$loader" --force-rpath \
      --set-rpath "$lib:$lib/slurm-wlm" "$own/bin/$program"
  done
  for program in sbatch squeue scancel sinfo sshare; do
    write_wrapper "$dir" "$root" "bin/$program"
  done
  free_port "$own/port" "$(($(<"$dir/port") + 10000))"
  free_port "$own/slurmd-port" "$(($(<"$own/port") + 1))"
  host=$(hostname -s)
  sed -i "s/^SlurmctldHost=.*/SlurmctldHost=$host(127.0.0.1)/" "$dir/slurm.conf"
  cat >>"$dir/slurm.conf" <<CONF
SlurmctldPort=$(<"$own/port")
SlurmdPort=$(<"$own/slurmd-port")
SlurmdUser=root
StateSaveLocation=$own/state
SlurmdSpoolDir=$own/spool
SlurmctldPidFile=$own/slurmctld.pid
SlurmdPidFile=$own/slurmd.pid
SlurmctldLogFile=$own/slurmctld.log
SlurmdLogFile=$own/slurmd.log
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
PriorityType=priority/multifactor
PriorityCalcPeriod=1
PriorityDecayHalfLife=0
PriorityUsageResetPeriod=YEARLY
SchedulerParameters=sched_interval=1,bf_interval=1
AccountingStorageEnforce=associations,limits,qos
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 CPUs=64
PartitionName=main Nodes=ALL Default=YES
CONF
  case $1 in
    20.*) ;;  # knows no CgroupPlugin
    22.*) echo "CgroupPlugin=cgroup/v1" ;;
    *) echo "CgroupPlugin=disabled" ;;
  esac >"$dir/cgroup.conf"
  forget_jobs "$1"
  : >"$own/ready"
  # The next one knows the users.
  end_process "$dir/slurmdbd.proc" TERM
}

start_controller() {  # RELEASE DAEMON
  local dir=$state/$1 own=$state/$1/controller name=$2
  local words=("$own/bin/$name" -D)
  [ "$name" != slurmd ] || words+=(-N n1 -d "$own/bin/slurmstepd")
  is_running "$own/$name.proc" || start_process "$own/$name.proc" "$own/$name.out" \
    "${with_users[@]}" env SLURM_CONF="$dir/slurm.conf" \
    LD_LIBRARY_PATH="$(patchelf --print-rpath "$own/bin/$name")" "${words[@]}"
  case $name in
    slurmctld) set -- "$dir/bin/scontrol" ping ;;
    slurmd) set -- node_is_up "$dir" ;;
  esac
  wait_for 60 "$own/$name.proc" "$own/$name.out" "$@"
}

node_is_up() { [ -n "$("$1/bin/sinfo" -h -t idle,mixed,allocated -o %n)" ]; }

# All that a release of the lab has.
start_release() {  # RELEASE
  start_slurmdbd "$1"
  has_controller "$1" || return 0
  start_controller "$1" slurmctld
  start_controller "$1" slurmd
}

end_release() {  # RELEASE SIGNAL
  ! has_controller "$1" || end_controller "$@"
  end_process "$state/$1/slurmdbd.proc" "$2"
}

# What runs of the jobs ends too: it would outlive its daemons.
end_controller() {  # RELEASE SIGNAL
  local own=$state/$1/controller proc
  end_process "$own/slurmctld.proc" "$2"
  end_process "$own/slurmd.proc" "$2"
  for proc in /proc/[0-9]*; do
    if [ "$proc/exe" -ef "$own/bin/slurmstepd" ] ||
      { [ "$proc/cwd" -ef "$own/jobs" ] && [ "$(stat -c %u "$proc")" -ge 20000 ]; }; then
      kill -s KILL "${proc#/proc/}" 2>/dev/null || true
    fi
  done
}

# As after `up`: no job, nothing remembered.
forget_jobs() {  # RELEASE
  rm -rf "$state/$1/controller"/{state,spool,jobs}
  mkdir -p "$state/$1/controller"/{state,spool,jobs}
  chmod 1777 "$state/$1/controller/jobs"
}

as_user() {  # USER RELEASE COMMAND...
  local user=$1 dir=$state/$2
  shift 2
  cd "$dir/controller/jobs"
  SLURM_CONF=$dir/slurm.conf PATH=$dir/bin:$PATH exec "${with_users[@]}" \
    setpriv --reuid="$user" --regid=65534 --clear-groups "$@"
}
