#!/bin/sh
# The image's root filesystem: Node, the libraries it is linked with, the app; no shell, no package
# manager. Takes both from this Debian system: the Dockerfile runs it in its build stage, and
# test/e2e/image.test.ts on the machine of the test.
#   assemble.sh ROOT NODE APP   APP has dist/, node_modules/ and package.json
# The same input gives the same bytes: SOURCE_DATE_EPOCH (default 0) is the date of every file.
set -eu
root=$1 node=$2 app=$3
here=$(dirname "$0")

copy() { # FILE [AS]: what links point to, under the name that was asked for
  mkdir -p "$root$(dirname "${2:-$1}")"
  cp -L "$1" "$root${2:-$1}"
}

copy "$node" /usr/bin/node
copy "$here/sallyport" /usr/bin/sallyport
licence=$(dirname "$node")/../LICENSE
[ ! -e "$licence" ] || copy "$licence" /usr/share/doc/nodejs/LICENSE

# Scanners read in status.d what is installed, as in distroless images.
mkdir -p "$root/var/lib/dpkg/status.d"
for library in $(ldd "$node" | sed -n 's/.*\s\(\/\S*\) (0x.*/\1/p'); do
  copy "$library"
  owner=$(dpkg-query --search "*/${library##*/}")
  package=${owner%%:*}
  dpkg-query --status "$package" >"$root/var/lib/dpkg/status.d/$package"
  copy "/usr/share/doc/$package/copyright"
done
copy /etc/os-release

mkdir -p "$root/etc" "$root/home/nonroot" "$root/tmp"
echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
echo 'nonroot:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

mkdir -p "$root/app"
cp -R "$app/dist" "$app/node_modules" "$app/package.json" "$root/app/"
cp "$here/../LICENSE" "$root/app/"
# What people read, compilers need and shells start; licences stay.
rm -rf "$root/app/node_modules/.bin"
find "$root/app/node_modules" \( -name '*.md' -o -name '*.map' -o -name '*.ts' -o -name '*.[cm]ts' \) \
  -type f ! -iname 'licen[cs]e*' -delete

chown -R 0:0 "$root"
chmod -R u=rwX,go=rX "$root"
chmod 1777 "$root/tmp"
find "$root" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
