import { surveyFunctions } from './survey.ts';

/**
 * Brings `releases/.<id>.incoming/tree` as near to the manifest as the server can by itself, and says what is missing. Run before
 * files are sent, and again after: when nothing is missing any more, every file was hashed here, and the tree becomes the release.
 *
 *     $1 base folder · $2 release id · $3 `first` (the manifest on standard input) or `again`
 *     $4 the release that is live, or nothing · then pairs: shared path, target of its link
 *
 * The tree begins as hard links to a base: the live release, or the newest. What has other content than the manifest says is
 * unlinked, never written to, so a base keeps its bytes. A tree left behind by a run that was killed is taken up where it
 * stands: everything in it is hashed like anything else. `cp -l` fails for single files of other owners where
 * `fs.protected_hardlinks` is on (these are sent), and for all of them on file systems without hard links (these are copied).
 *
 * A release is there when its manifest is, and that is renamed into place last.
 * Answers are lines `word value`; the last is `end`, so that an answer cut short is known for one.
 */
export const reconcileScript = `${surveyFunctions}${String.raw`
umask 022
tab=$(printf '\t')
releases=$1/releases id=$2 turn=$3 live=$4
base=$1 work=$releases/.$id.incoming
shift 4

prepare() {
  for stale in "$releases"/.*.incoming; do
    [ "$stale" = "$work" ] || rm -rf "$stale"
  done
  mkdir -p "$work" && cat > "$work/manifest" && sed 1d "$work/manifest" > "$work/wanted" || exit
  : > "$work/known" || exit
}

answer() { echo end; exit 0; }

find_present() {
  [ -f "$releases/$id.manifest" ] && [ -d "$releases/$id" ] || return
  cd "$releases/$id" || exit
  same=$(sort "$releases/$id.manifest" "$work/manifest" | uniq -u | head -n 1)
  survey || exit
  if [ -z "$same" ] && complete; then
    cd / && rm -rf "$work"
    echo present
    answer
  fi
  [ "$id" = "$live" ] || return
  if [ -z "$same" ]; then echo live damaged; else echo live other; fi
  cat "$work/missing" "$work/links" "$work/folders" | head -n 20 | sed 's/^/need /'
  cd / && rm -rf "$work"
  answer
}

clone_base() {
  from=$releases/$live
  if [ -z "$live" ] || [ ! -d "$from" ]; then
    from=$(ls -t "$releases"/*.manifest 2>/dev/null | sed -n '1s/\.manifest$//p')
  fi
  rm -f "$work/base"
  [ -d "$from" ] && printf 'base %s\n' "$from" > "$work/base"
  [ -d "$work/tree" ] && return
  rm -rf "$work/clone"
  if [ -d "$from" ]; then
    cp -al "$from" "$work/clone" 2>/dev/null
    if [ -z "$(find "$work/clone" -type f 2>/dev/null | head -n 1)" ]; then
      rm -rf "$work/clone"
      cp -a "$from" "$work/clone" 2>/dev/null
    fi
  fi
  mkdir -p "$work/clone" && mv "$work/clone" "$work/tree" || exit
}

tidy_tree() {
  : > "$work/known" || exit
  cd "$work/tree" || exit
  find . -name '*[[:cntrl:]]*' -prune -exec rm -rf {} +
  find . -type d ! -perm 755 -exec chmod 755 {} +
}

reconcile() {
  survey || exit
  if [ -s "$work/extra" ]; then tr '\n' '\0' < "$work/extra" | xargs -0 rm -rf || exit; fi
  if [ -s "$work/folders" ]; then tr '\n' '\0' < "$work/folders" | xargs -0 mkdir -p || exit; fi
  while IFS="$tab" read -r name target; do ln -s -- "$target" "$name" || exit; done < "$work/links"
}

ask_for_files() {
  [ -s "$work/missing" ] || return
  if [ -s "$work/known" ]; then sed 's/^/need /' "$work/missing"; else echo all; fi
  for tool in tar gzip rsync; do
    if command -v $tool >/dev/null 2>&1; then echo "tool $tool"; fi
  done
  cat "$work/base" 2>/dev/null
  df -Pk . 2>/dev/null | sed -n '2s/^/space /p'
  answer
}

link_shared() {
  while [ $# -gt 1 ]; do
    [ -e "$base/shared/$1" ] || [ -L "$base/shared/$1" ] || mkdir -p "$base/shared/$1" || exit
    mkdir -p "$(dirname "./$1")" && ln -s "$2" "./$1" || exit
    shift 2
  done
}

finish() {
  link_shared "$@"
  cd / && rm -f "$releases/$id.manifest" || exit
  if [ -e "$releases/$id" ]; then mv "$releases/$id" "$work/replaced" || exit; fi
  mv "$work/tree" "$releases/$id" && mv "$work/manifest" "$releases/$id.manifest" || exit
  rm -rf "$work"
  echo staged
  answer
}

choose_hash || { echo unable; answer; }
if [ "$turn" = first ]; then
  prepare
  find_present
  clone_base
  tidy_tree
fi
cd "$work/tree" || exit
reconcile
ask_for_files
complete || reconcile
if ! complete; then
  cat "$work/links" "$work/folders" | head -n 20 | sed 's/^/stuck /'
  answer
fi
finish "$@"
`}`;
