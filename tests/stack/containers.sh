#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# As much of docker-compose.yml and Dockerfile as can be tried without a container engine: compose's own
# validation, our rules for services, the Dockerfile's build steps in a clean copy of the tree, and
# that the image's packages hold every library of the binary. Not tried: starting a container.

set -u
# shellcheck source=stack/lib.sh
. "$(dirname "$0")/../../stack/lib.sh"
cd "$root" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

result() {
    if [ "$1" = 0 ]; then
        say "ok: $2"
    else
        say "FAIL: $2"
        failed=1
    fi
}

docker-compose -f docker-compose.yml config -q
result $? "docker-compose config -q"

docker-compose -f docker-compose.yml config >"$work/compose.yml"
python3 - "$work/compose.yml" "$KAFKA_VERSION" "$PINOT_VERSION" <<'PYTHON'
import sys, yaml
services = yaml.safe_load(open(sys.argv[1]))["services"]
wrong = []
published = []
for name, service in services.items():
    def need(condition, text):
        if not condition:
            wrong.append(f"{name}: {text}")
    need("mem_limit" in service, "no mem_limit")
    need("container_name" not in service, "has a container_name")
    need("healthcheck" in service, "no healthcheck")
    need("no-new-privileges:true" in service.get("security_opt", []), "may gain privileges")
    need(service.get("logging", {}).get("options", {}).get("max-size"), "its log has no size limit")
    tag = service["image"].rpartition(":")[2]
    need(tag not in ("", "latest") and ":" in service["image"], "its image has no exact tag")
    for port in service.get("ports", []):
        host = port if isinstance(port, str) else f"{port.get('host_ip')}:"
        need(host.startswith("127.0.0.1:"), f"publishes {port} beyond this machine")
        published.append(name)
    if service["image"] == "decant:local":
        need(service.get("read_only") and service.get("cap_drop") == ["ALL"] and service.get("init"),
             "not read-only, or with capabilities, or without init")
    for other, how in service.get("depends_on", {}).items():
        need(other in services and how["condition"] != "service_started", f"does not wait for {other}")
if sorted(published) != ["pinot", "serve"]:
    wrong.append(f"published ports: {published}")
for name, version in (("kafka", sys.argv[2]), ("pinot", sys.argv[3])):
    if not services[name]["image"].endswith(":" + version):
        wrong.append(f"{name}: {services[name]['image']} is not the version {version} of stack/")
def megabytes(limit):
    text = str(limit)
    units = {"k": 1 / 1024, "m": 1, "g": 1024}
    return float(text[:-1]) * units[text[-1]] if text[-1] in units else float(text) / 2**20
total = sum(megabytes(service["mem_limit"]) for service in services.values())
if total > 4096:
    wrong.append(f"memory limits add up to {total:.0f} MB, more than 4096")
print("\n".join(wrong))
sys.exit(bool(wrong))
PYTHON
result $? "rules for services"

# The build stage of the Dockerfile, step by step, on what its COPY lines give it.
grep -E '^RUN stack/setup' Dockerfile | head -n 3 | sed 's/^RUN //; s/ && .*//' >"$work/steps"
printf 'stack/setup packages build\nstack/setup page\nstack/setup build\n' | cmp -s - "$work/steps"
result $? "the Dockerfile's build steps are the ones tried here"
mkdir "$work/src"
git ls-files -z -co --exclude-standard | tar -c --null --ignore-failed-read -T - 2>/dev/null | tar -x -C "$work/src"
(cd "$work/src" && sh -e "$work/steps")
result $? "the build steps in a clean copy of the tree"

"$work/src/decant" version
result $? "the built binary starts"

# Only the binary's own libraries are looked at; what those need comes with their packages.
lacking=0
while read -r name; do
    library=$(ldd "$work/src/build/release/decant" | awk -v name="$name" '$1 == name { print $3 }')
    # dpkg knows the file under /usr/lib or /lib, whichever the package was built for
    packages=$(dpkg-query -S "$library" "/usr$library" "$(readlink -f "$library")" 2>/dev/null | cut -d : -f 1 | sort -u)
    package=$(head -n 1 <<<"$packages")
    grep -qxE 'libc6|libgcc-s1' <<<"$packages" && continue
    grep -qE "^image +$package\$" stack/packages.txt || {
        say "$name is in package '$package', which group image does not list"
        lacking=1
    }
done < <(objdump -p "$work/src/build/release/decant" | awk '$1 == "NEEDED" { print $2 }')
result $lacking "the image's packages hold the binary's libraries"
exit $failed
