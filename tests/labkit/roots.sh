# Packages: what this machine needs, and one root for each Debian suite.
#
# A root is only unpacked, never installed: no maintainer script runs, so no
# service can start, and no chroot is needed. Its programs run through the root's
# own dynamic loader and see this machine's files.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
root_packages="slurmdbd slurm-client munge slurmctld slurmd"

# mariadb-server-core is the server without the service.
install_packages() {
  local missing=()
  [ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server-core)
  [ -x /usr/bin/mariadb-dump ] || missing+=(mariadb-client)
  [ -x /usr/bin/patchelf ] || missing+=(patchelf)
  [ -n "$(command -v ip)" ] || missing+=(iproute2)
  [ -e "$keyring" ] || missing+=(debian-archive-keyring)
  ((${#missing[@]} > 0)) || return 0
  [ -n "$(command -v apt-get)" ] || die "no apt-get: install ${missing[*]} yourself"
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 || die "cannot install ${missing[*]}: $(apt_error "$log")"
  rm -f "$log"
}

apt_error() { grep -E '^(E|Err)' "$1" | tail -1 || true; }

# The suites to use for the releases (or suites) named; all when none is named.
# Which release a suite holds is read from its sacctmgr; the table only says
# where to look before a root exists.
suites_for() {
  (($# > 0)) || { echo "$suites"; return; }
  local want suite found
  for want in "$@"; do
    found=
    for suite in $suites; do
      if [ "$want" = "$suite" ] || [ "$want" = "$(release_of "$suite")" ]; then
        found=$suite
        break
      fi
    done
    [ -n "$found" ] || die "no suite known for release '$want' (suites: $suites)"
    echo "$found"
  done
}

# A release that no suite is known for may be in one that was not fetched yet:
# testing moves on.
suites_to_look_in() {
  local list suite
  if list=$(suites_for "$@" 2>/dev/null); then echo "$list"; return; fi
  list=
  for suite in $suites; do
    [ -e "$roots/$suite/release" ] || list+=" $suite"
  done
  [ -n "$list" ] || suites_for "$@"
  echo "$list"
}

release_of() {  # SUITE -> 24.11
  if [ -e "$roots/$1/release" ]; then cat "$roots/$1/release"; return; fi
  case $1 in
    bullseye) echo 20.11 ;;
    bookworm) echo 22.05 ;;
    trixie) echo 24.11 ;;
    forky) echo 26.05 ;;
  esac
}

# The words that run a program of a root.
root_command() {  # ROOT PROGRAM
  local loader lib
  loader=$(echo "$1"/usr/lib/*/ld-linux*.so.*)
  lib=${loader%/*}
  echo "$loader --inhibit-cache --library-path $lib:$lib/slurm-wlm $2"
}

mirror() {
  local found=${ASSOCSYNC_LAB_MIRROR-}
  [ -n "$found" ] || found=$(apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | sed -n 1p)
  # Lists that were never fetched have no origin.
  [ -n "$found" ] || found=$(apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 2>/dev/null | grep -m1 '/debian/*$' || true)
  [ -n "$found" ] || die "no Debian mirror in apt's sources; set ASSOCSYNC_LAB_MIRROR"
  echo "$found"
}

# False also for one of an older script, that lacks a package.
has_root() {  # SUITE
  [ -e "$roots/$1/release" ] && [ "$(cat "$roots/$1/packages" 2>/dev/null)" = "$root_packages" ]
}

# Fetches and unpacks one suite. Made under another name and renamed when whole:
# an attempt that was cut short leaves nothing that looks finished.
build_root() {  # SUITE
  local suite=$1 tmp=$roots/.$1.tmp source deb started=$SECONDS
  ! has_root "$suite" || return 0
  mkdir -p "$roots"
  take_lock 7 "$roots/.$suite.lock"  # another lab may build it right now
  ! has_root "$suite" || return 0
  (($(df -Pm "$roots" | awk 'NR == 2 {print $4}') >= 500)) ||
    die "$suite: less than 500 MB free in $roots"
  rm -rf "$tmp" "${roots:?}/$suite"
  mkdir -p "$tmp"/apt/{lists,archives}/partial "$tmp"/root/usr/{bin,sbin,lib,lib64}
  source=$(mirror)
  : >"$tmp/apt/status"
  echo "deb [signed-by=$keyring] $source $suite main" >"$tmp/apt/sources.list"
  # apt as it is set up here (proxies), but with an empty system of its own.
  # The testing suites' Release files expire when the archive rests.
  local apt=(apt-get -q -y
    -o Dir::Etc::SourceList="$tmp/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o Dir::State::Lists="$tmp/apt/lists" -o Dir::State::status="$tmp/apt/status"
    -o Dir::Cache="$tmp/apt" -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false)
  say "$suite: fetching packages"
  "${apt[@]}" update >"$tmp/log" 2>&1 && [ -z "$(apt_error "$tmp/log")" ] &&
    "${apt[@]}" --download-only install $root_packages >>"$tmp/log" 2>&1 ||
    die "$suite: cannot fetch packages: $(apt_error "$tmp/log")"
  local dir
  for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$tmp/root/$dir"; done
  for deb in "$tmp"/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -f - -C "$tmp/root" \
      --keep-directory-symlink --exclude='./usr/share' ||
      die "$suite: cannot unpack ${deb##*/}"
  done
  local version
  printf '%s\n' "ClusterName=x" "SlurmctldHost=localhost" \
    "PluginDir=$(echo "$tmp"/root/usr/lib/*/slurm-wlm)" >"$tmp/slurm.conf"
  version=$(SLURM_CONF=$tmp/slurm.conf \
    $(root_command "$tmp/root" "$tmp/root/usr/bin/sacctmgr") -V) ||
    die "$suite: its sacctmgr does not run"
  version=${version##* }  # "slurm-wlm 24.11.5"
  echo "$version" >"$tmp/version"
  rm -r "$tmp/apt" "$tmp/log" "$tmp/slurm.conf"
  echo "$root_packages" >"$tmp/packages"
  echo "${version%.*}" >"$tmp/release"
  mv "$tmp" "$roots/$suite"
  say "$suite: Slurm $version unpacked in $((SECONDS - started)) s"
}
