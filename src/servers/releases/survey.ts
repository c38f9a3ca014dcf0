/**
 * Shell functions that compare the working directory with a manifest (`manifest.ts`), with what POSIX, BusyBox and GNU have in common;
 * beyond POSIX only `xargs -0` and, where there is, `-P`. Names are one a line: those with control characters are refused in a
 * source and dropped from a base before it is looked at. `$work` is a folder for notes:
 *
 * - in: `wanted`, the manifest without its first line, and `known`, those of its lines that need not be hashed again;
 * - out: `known`; the paths `missing` (files) and `folders`; `links`, path TAB target; and `extra`, paths of what is there and
 *   should not be, or is in the way of what is missing. A file with an odd mode or other content is both missing and extra.
 *
 * Hashing runs in one process per core, each appending to a file of its own: lines written to a common pipe may be torn.
 * openssl comes first because it uses the processor's SHA instructions, which coreutils in Debian 12 does not (3 times as fast).
 * GNU and Perl mark names with a backslash by a leading backslash and double it; BusyBox does not. `readlink` takes several
 * names only in GNU; elsewhere there are fewer answers than names, and each is asked for. `paste` may be missing.
 */
export const surveyFunctions = String.raw`
export LC_ALL=C work

choose_hash() {
  if openssl dgst -sha256 -r </dev/null; then hash='openssl dgst -sha256 -r "$@"'
  elif command -v sha256sum; then hash='sha256sum "$@"'
  elif busybox sha256sum </dev/null; then hash='busybox sha256sum "$@"'
  elif command -v shasum; then hash='shasum -a 256 "$@"'
  elif command -v python3; then hash='python3 -c "
import hashlib, os, sys
for name in sys.argv[1:]:
    with open(name, \"rb\") as file:
        line = hashlib.sha256(file.read()).hexdigest() + \"  \" + name
    sys.stdout.buffer.write(os.fsencode(line + \"\n\"))" "$@"'
  else return 1
  fi
} >/dev/null 2>&1

hash_files() {
  count=$(wc -l < "$work/unhashed")
  each=$count parallel=
  if [ "$count" -gt 100 ]; then
    cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
    if echo | xargs -P "$cores" true 2>/dev/null; then
      each=$((count / cores + 1)) parallel="-P $cores"
    fi
  fi
  rm -rf "$work/hashes"
  mkdir "$work/hashes" && : > "$work/hashes/none" || return
  [ "$count" -eq 0 ] && return
  tr '\n' '\0' < "$work/unhashed" | xargs -0 -n $each $parallel sh -c "$hash"' >> "$0/$$"' "$work/hashes"
}

list_links() {
  find . -type l > "$work/names"
  : > "$work/targets"
  if [ -s "$work/names" ]; then tr '\n' '\0' < "$work/names" | xargs -0 readlink > "$work/targets" 2>/dev/null; fi
  if [ $(wc -l < "$work/names") -eq $(wc -l < "$work/targets") ] && command -v paste >/dev/null 2>&1; then
    paste "$work/names" "$work/targets"
  else
    while IFS= read -r name; do printf '%s\t%s\n' "$name" "$(readlink "$name")"; done < "$work/names"
  fi
}

survey() {
  find . -type d ! -name . > "$work/seen-folders"
  list_links > "$work/seen-links"
  find . -type f -perm 755 > "$work/executable"
  find . -type f \( -perm 644 -o -perm 755 \) > "$work/regular"
  find . ! -type d ! -type l \( ! -type f -o ! -perm 644 ! -perm 755 \) > "$work/odd"
  awk 'known == 1 { skip[substr($0, 68)] = 1; next } !($0 in skip)' known=1 "$work/known" known=0 "$work/regular" > "$work/unhashed"
  hash_files
  mv "$work/known" "$work/known-before" || return
  for list in known missing folders links extra; do : > "$work/$list" || return; done
  awk '
    function see(line, path) {
      if (!(line in wanted)) print path > (work "/extra")
      else {
        found[line] = 1
        if (line ~ /^[fx]/) print line > (work "/known")
      }
    }
    BEGIN { work = ENVIRON["work"] }
    list == "wanted" { wanted[$0] = 1; order[++count] = $0 }
    list == "known" { see($0, substr($0, 68)) }
    list == "folders" { see("d - " $0, $0) }
    list == "links" { see("l - " $0, substr($0, 1, index($0, "\t") - 1)) }
    list == "executable" { executable[$0] = 1 }
    list == "odd" { print > (work "/extra") }
    list == "hashes" {
      line = $0
      if (substr(line, 1, 1) == "\\") {
        parts = split(substr(line, 2), part, /\\\\/)
        line = part[1]
        for (i = 2; i <= parts; i++) line = line "\\" part[i]
      }
      path = substr(line, 67)
      see((path in executable ? "x " : "f ") substr(line, 1, 64) " " path, path)
    }
    END {
      for (i = 1; i <= count; i++) {
        line = order[i]
        if (line in found) continue
        kind = substr(line, 1, 1)
        path = substr(line, kind == "f" || kind == "x" ? 68 : 5)
        print path > (work "/" (kind == "d" ? "folders" : kind == "l" ? "links" : "missing"))
        if (kind == "l") path = substr(path, 1, index(path, "\t") - 1)
        if (kind != "d") print path > (work "/extra")
      }
    }
  ' list=wanted "$work/wanted" list=known "$work/known-before" list=folders "$work/seen-folders" \
    list=links "$work/seen-links" list=executable "$work/executable" list=odd "$work/odd" list=hashes "$work/hashes"/*
}

complete() { ! [ -s "$work/missing" ] && ! [ -s "$work/folders" ] && ! [ -s "$work/links" ]; }
`;
