/**
 * Shell functions that list the working directory in the form of a manifest (`manifest.ts`), with what POSIX, BusyBox and GNU have in
 * common; beyond POSIX only `xargs -0` and, where there is, `-P`. Names are one a line: names with control characters
 * are refused in a source and dropped from a base before it is listed. `$work` is a folder for notes.
 *
 * `survey NAMES` hashes every file but those named in the file NAMES. Things that no release has (odd modes, sockets) get `?`.
 *
 * - Hashing runs in one process per core, each appending to a file of its own: lines written to a common pipe may be torn.
 * - GNU sha256sum and shasum mark names with a backslash by a leading backslash and double it; BusyBox does not.
 * - `readlink` takes several names only in GNU; elsewhere there are fewer answers than names, and they are asked one by one.
 */
export const surveyFunctions = String.raw`
export LC_ALL=C
tab=$(printf '\t')

choose_hash() {
  if command -v sha256sum; then hash='sha256sum "$@"'
  elif busybox sha256sum </dev/null; then hash='busybox sha256sum "$@"'
  elif command -v shasum; then hash='shasum -a 256 "$@"'
  elif command -v openssl; then hash='openssl dgst -sha256 -r "$@"'
  elif command -v python3; then hash='python3 -c "
import hashlib, os, sys
for name in sys.argv[1:]:
    with open(name, \"rb\") as file:
        line = hashlib.sha256(file.read()).hexdigest() + \"  \" + name
    sys.stdout.buffer.write(os.fsencode(line + \"\n\"))" "$@"'
  else return 1
  fi
} >/dev/null 2>&1

hash_names() {
  cat > "$work/unhashed"
  count=$(wc -l < "$work/unhashed")
  each=$count parallel=
  if [ "$count" -gt 100 ]; then
    cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
    if echo | xargs -P "$cores" true 2>/dev/null; then
      each=$((count / cores + 1)) parallel="-P $cores"
    fi
  fi
  rm -rf "$work/hashes"
  mkdir "$work/hashes" && [ "$count" -gt 0 ] || return
  tr '\n' '\0' < "$work/unhashed" | xargs -0 -n $each $parallel sh -c "$hash"' >> "$0/$$"' "$work/hashes"
  sed -e '/^\\/{' -e 's/^\\//' -e 's/\\\\/\\/g' -e '}' -e 's/^\(.\{64\}\) [ *]/\1 /' "$work/hashes"/*
}

list_links() {
  find . -type l > "$work/links"
  [ -s "$work/links" ] || return 0
  tr '\n' '\0' < "$work/links" | xargs -0 readlink > "$work/targets" 2>/dev/null
  if [ $(wc -l < "$work/links") -eq $(wc -l < "$work/targets") ]; then
    paste "$work/links" "$work/targets"
  else
    while IFS= read -r name; do printf '%s\t%s\n' "$name" "$(readlink "$name")"; done < "$work/links"
  fi | sed 's/^/l - /'
}

survey() {
  find . -type d ! -name . | sed 's/^/d - /'
  list_links
  find . -type f -perm 644 | sort - "$1" "$1" | uniq -u | hash_names | sed 's/^/f /'
  find . -type f -perm 755 | sort - "$1" "$1" | uniq -u | hash_names | sed 's/^/x /'
  find . ! -type d ! -type l \( ! -type f -o ! -perm 644 ! -perm 755 \) | sed 's/^/? - /'
}

paths() { sed -e 's/^[^ ]* [^ ]* //' -e "s/$tab.*//"; }
`;
