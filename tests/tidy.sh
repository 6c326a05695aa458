#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The architecture as a test: rooms include only rooms to their left (tests/rooms.txt), foreign headers have
# owners (tests/foreign.txt), headers compile alone and twice, banned calls stay out, error codes are described.
# Prints file:line: what is wrong; exit 1 if anything was printed.
set -u
cd "$(dirname "$0")/.."
findings=$(mktemp)
trap 'rm -f "$findings"' EXIT

mapfile -t sources < <(git ls-files -co --exclude-standard '*.c' '*.h' '*.y' | grep -v '^tests/')
mapfile -t headers < <(printf '%s\n' "${sources[@]}" | grep '\.h$')

# 1. imports run one way
awk 'FILENAME == "tests/rooms.txt" { if ($0 ~ /^#/ || NF == 0) next; dir[$1] = $2; ok[$1, $1] = 1
                                     for (i = 4; i <= NF; i++) ok[$1, $i] = 1; next }
     FNR == 1 { from = ""; for (r in dir) if (index(FILENAME, dir[r] "/") == 1) from = r
                if (from == "") print FILENAME ":1: belongs to no room of tests/rooms.txt" }
     from != "" && /^[ \t]*#[ \t]*include[ \t]+"/ {
        split($0, q, "\""); to = q[2]; sub(/\/.*/, "", to)
        if (q[2] !~ /\//) next                       # a file of the same folder or a generated one
        if (!((from, to) in ok)) print FILENAME ":" FNR ": " from " may not include " q[2] }' \
    tests/rooms.txt "${sources[@]}" >>"$findings"

# 2. foreign headers
while read -r prefix owners; do
    [[ -z $prefix || $prefix == \#* ]] && continue
    grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]+<${prefix//./\\.}" "${sources[@]}" /dev/null | while IFS=: read -r file line _; do
        allowed=no
        for owner in $owners; do [[ $file == "$owner"* ]] && allowed=yes; done
        [[ $allowed == yes ]] || echo "$file:$line: only $owners may include <$prefix…>"
    done
done <tests/foreign.txt >>"$findings"

# 3. banned calls, each with what to use instead
banned() { # PATTERN REPLACEMENT EXCEPT…
    local pattern=$1 instead=$2
    shift 2
    grep -nE "\b($pattern) *\(" "${sources[@]}" /dev/null | grep -vE '^[^:]+:[0-9]+: *(/\*|\*|//)' |
        while IFS=: read -r file line _; do
            local except
            for except in "$@"; do [[ $file == $except ]] && continue 2; done
            echo "$file:$line: banned call ($pattern): $instead"
        done
}
{
    banned 'strcpy|strcat|sprintf|vsprintf|strtok|strncpy' 'use buf_… or snprintf with a size'
    banned 'atoi|atol|atof' 'use parse_…'
    banned 'gmtime|localtime|ctime|mktime|gmtime_r|localtime_r' 'use civil_from_ms'
    banned 'rand|srand|random' 'use prng'
    banned 'setlocale|alloca|gets' 'never'
    banned 'printf|puts|exit|abort' 'libraries return errors; only cli/ prints and exits' 'cli/*' 'common/log.c' 'common/fatal.c'
} >>"$findings"

# 4. headers compile alone, and twice
compiler=${CC:-cc}
flags=$(pkg-config --cflags rdkafka jansson libevent libcurl avro-c 2>/dev/null)
for header in "${headers[@]}"; do
    name=${header#processor/}
    printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        $compiler -std=c17 -D_POSIX_C_SOURCE=200809L -I. -Iprocessor $flags -fsyntax-only -x c - 2>/dev/null ||
        echo "$header:1: does not compile alone, or not twice"
done >>"$findings"

# 5. every error code that the code raises has a row in errors.def, and every row is raised somewhere
grep -ohE '"[EWN]0[0-9]{3}"' "${sources[@]}" | tr -d '"' | sort -u >"$findings.used"
grep -oE '^ERROR_CODE\("[EWN][0-9]{4}"' common/errors.def | grep -oE '[EWN][0-9]{4}' | sort -u >"$findings.rows"
comm -23 "$findings.used" "$findings.rows" | sed 's/^/common\/errors.def:1: no row for /' >>"$findings"
comm -13 "$findings.used" "$findings.rows" | sed 's/^/common\/errors.def:1: nothing raises /' >>"$findings"
rm -f "$findings.used" "$findings.rows"

# 6. nothing is left to do
git ls-files -co --exclude-standard | grep -v '^tests/tidy.sh$' | xargs -d '\n' grep -nIwE 'TODO|FIXME|XXX' 2>/dev/null |
    sed -E 's/^([^:]+:[0-9]+):.*/\1: unfinished/' >>"$findings"

# 7. one format, that of clang-format 14 (other majors differ)
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format --dry-run 2>&1 |
        sed -nE 's/^([^:]+:[0-9]+):[0-9]+: warning: .*/\1: not as clang-format writes it/p' >>"$findings"
else
    echo "tests/tidy.sh:1: needs clang-format 14" >>"$findings"
fi

if [[ -s $findings ]]; then
    sort -u "$findings"
    exit 1
fi
echo "tidy: ${#sources[@]} files, ${#headers[@]} headers, no finding"
