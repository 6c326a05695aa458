#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The docs say what is so: blocks marked sh in the tutorial and the how-tos run (they need no server; those marked bash
# do), links lead to files, and each verb and flag of decant that a page names exists.
#
# Needs DECANT (the program), as ./check sets it.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
decant=$(realpath "${DECANT:-$PWD/decant}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
blocks=0
pages=(README.md docs/*.md docs/howto/*.md docs/reference/*.md)

fail() {
    echo "FAILED: $*" >&2
    failed=1
}

# --- blocks: of one page in one shell, which stops at the first error ---
for page in docs/tutorial.md docs/howto/*.md; do
    name=$(basename "$page" .md)
    mkdir "$work/$name"
    ln -s "$decant" "$work/$name/decant"
    ln -s "$root/pipelines" "$work/$name/pipelines"
    awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$page" >"$work/$name/blocks"
    blocks=$((blocks + $(grep -c '^```sh$' "$page")))
    [ -s "$work/$name/blocks" ] || continue
    (cd "$work/$name" && timeout 60 bash -eu -o pipefail blocks) >"$work/log" 2>&1 ||
        fail "$page: exit $?: $(tail -8 "$work/log")"
done
[ $blocks -ge 8 ] || fail "only $blocks blocks to run"
grep -q '^SELECT' "$work/tutorial/orders.sql" || fail "the tutorial wrote no orders.sql"
"$decant" check "$work/tutorial/orders.sql" >"$work/log" 2>&1 || fail "the tutorial's file has errors: $(cat "$work/log")"

# --- links ---
for page in "${pages[@]}"; do
    while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || fail "$page: no file $link"
    done < <(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -vE '^https?:')
done

# --- verbs and flags ---
verbs=$("$decant" 2>&1 | sed -n 's/^  \([a-z]*\) .*/\1/p')
for verb in $verbs; do "$decant" "$verb" --help >"$work/$verb.help"; done
# Every `decant VERB …` in code, with its flags; a line that goes on with \ is one.
# shellcheck disable=SC2016 # back-ticks of Markdown
sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "${pages[@]}" | grep -oE '(^|[`( ./])decant [a-z]+[^`#|>]*' | sed -E 's/^.*decant /decant /' |
    sort -u >"$work/commands"
[ "$(wc -l <"$work/commands")" -ge 20 ] || fail "only $(wc -l <"$work/commands") commands found"
while read -r _ verb rest; do
    [ -e "$work/$verb.help" ] || {
        # prose such as "decant pours …" is no command
        grep -qE "^ *(\./)?decant $verb( |\$)|\`decant $verb" "${pages[@]}" && fail "no verb: decant $verb $rest"
        continue
    }
    grep -oE '(^| )--?[a-zA-Z][a-z-]*' <<<"$rest" | tr -d ' ' >"$work/flags"
    while read -r flag; do
        [ "$flag" = --help ] || grep -qE -- "(^|[ ,])$flag([ ,]|\$)" "$work/$verb.help" || fail "decant $verb has no $flag"
    done <"$work/flags"
done <"$work/commands"

# --- settings: those that a page names are known ---
grep -ohE "decant\.[a-z][a-z.-]*[a-z]" "${pages[@]}" | sort -u >"$work/settings"
[ "$(wc -l <"$work/settings")" -ge 4 ] || fail "only $(wc -l <"$work/settings") settings found"
while read -r setting; do
    case $setting in decant.pinot.*) verb='plan --pinot-version 1.5.1' ;; *) verb=check ;; esac
    # shellcheck disable=SC2086 # $verb has flags
    "$decant" $verb pipelines/shop.sql -X "$setting=1" >"$work/log" 2>&1
    grep -q 'error E0401' "$work/log" && fail "no setting $setting"
done <"$work/settings"

[ $failed = 0 ] && echo "docs: $blocks blocks, $(wc -l <"$work/commands") commands, ${#pages[@]} pages, all good"
exit $failed
