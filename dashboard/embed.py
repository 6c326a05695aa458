#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the page into one C file: embed.py PAGE_DIR NODE_MODULES BOARDS_DIR OUT.c

No bundler and no transpiler: the files are the ones that stand in dashboard/page and in the npm
packages. Four things happen to them:
  - lines that are only a comment are left out of our own files, and source map links out of others;
  - bare imports ("preact") become relative ones, because an import map would need inline script;
  - names get a hash of the content, so that browsers may keep them for ever; a file that imports
    another is hashed after it, so a change travels up to the page;
  - everything is gzipped once, here.
"""
import gzip
import hashlib
import pathlib
import re
import sys

# import name or page file -> file; "npm:" names a file below node_modules
MODULES = {
    "preact": "npm:preact/dist/preact.mjs",
    "preact/hooks": "npm:preact/hooks/dist/hooks.mjs",
    "htm": "npm:htm/dist/htm.mjs",
    "@preact/signals-core": "npm:@preact/signals-core/dist/signals-core.mjs",
    "@preact/signals": "npm:@preact/signals/dist/signals.mjs",
}
CLASSIC = {
    "uplot.js": "npm:uplot/dist/uPlot.iife.min.js",
    "uplot.css": "npm:uplot/dist/uPlot.min.css",
}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
IMPORT = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])([^"']+)\2""")


class Embedder:
    def __init__(self, page, node_modules):
        self.page, self.node_modules = page, node_modules
        self.assets = {}  # path in the browser -> (content type, bytes)
        self.paths = {}  # source file -> path in the browser

    def source(self, name):
        if name.startswith("npm:"):
            return self.node_modules / name[4:]
        return self.page / name

    def read(self, file):
        if not file.is_file():
            sys.exit(f"{file} is missing. Run `npm ci` in the project folder, then build again.")
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", text)
        if file.parent == self.page and file.suffix == ".js":
            text = re.sub(r"^[ \t]*//.*\n|^/\*\*.*\*/\n", "", text, flags=re.MULTILINE)
        if file.parent == self.page and file.suffix == ".css":
            text = re.sub(r"/\*.*?\*/\n?", "", text, flags=re.DOTALL)
        return text

    def resolve(self, importer, name):
        if name in MODULES:
            return self.source(MODULES[name])
        if name.startswith("."):
            return (importer.parent / name).resolve()
        sys.exit(f"{importer}: import of {name!r}, which embed.py does not know")

    def add(self, file):
        """Embeds a file and all that it imports; returns its path in the browser."""
        if file in self.paths:
            return self.paths[file]
        text = self.read(file)
        if file.suffix in (".js", ".mjs"):
            def replace(match):
                path = self.add(self.resolve(file, match.group(3)))
                return f'{match.group(1)}{match.group(2)}./{path.rsplit("/", 1)[1]}{match.group(2)}'
            text = IMPORT.sub(replace, text)
        data = text.encode("utf-8")
        stem = file.name[: -len(file.suffix)].lower()
        digest = hashlib.sha256(data).hexdigest()[:10]
        suffix = ".js" if file.suffix == ".mjs" else file.suffix
        path = f"/assets/{stem}-{digest}{suffix}"
        self.assets[path] = (TYPES[file.suffix], data)
        self.paths[file] = path
        return path

    def add_page(self):
        """index.html names its files as href="page:NAME" or src="page:NAME"."""
        def replace(match):
            name = match.group(2)
            return f'{match.group(1)}="{self.add(self.source(CLASSIC.get(name, name)))}"'
        html = self.read(self.page / "index.html")
        html = re.sub(r'\b(href|src)="page:([^"]+)"', replace, html)
        self.assets["/"] = (TYPES[".html"], html.encode("utf-8"))
        icon = self.read(self.page / "favicon.svg")
        self.assets["/favicon.svg"] = (TYPES[".svg"], icon.encode("utf-8"))


def c_bytes(data):
    lines = []
    for i in range(0, len(data), 24):
        lines.append("    " + ",".join(str(b) for b in data[i : i + 24]) + ",")
    return "\n".join(lines)


def write_assets(out, assets):
    entries = []
    for n, (path, (content_type, data)) in enumerate(sorted(assets.items())):
        packed = gzip.compress(data, 9, mtime=0)
        immutable = "true" if path.startswith("/assets/") else "false"
        out.append(f"static const unsigned char asset_{n}[] = {{\n{c_bytes(packed)}\n}};")
        entries.append(f'    {{"{path}", "{content_type}", asset_{n}, sizeof(asset_{n}), {immutable}}},')
    out.append("const struct asset assets[] = {\n" + "\n".join(entries) + "\n};")
    out.append("const size_t asset_count = sizeof(assets) / sizeof(assets[0]);")


def write_boards(out, boards):
    entries = []
    for n, file in enumerate(sorted(boards.glob("*.json"))):
        data = file.read_bytes()
        if max(data) > 127:
            sys.exit(f"{file}: boards are ASCII; write \\u escapes")
        out.append(f"static const char board_{n}[] = {{\n{c_bytes(data)} 0}};")
        entries.append(f'    {{"boards/{file.name}", board_{n}, sizeof(board_{n}) - 1}},')
    out.append("const struct embedded_board embedded_boards[] = {\n" + "\n".join(entries) + "\n};")
    out.append("const size_t embedded_board_count = "
               "sizeof(embedded_boards) / sizeof(embedded_boards[0]);")


def main():
    page, node_modules, boards, target = (pathlib.Path(a).resolve() for a in sys.argv[1:5])
    embedder = Embedder(page, node_modules)
    embedder.add_page()
    out = ["/* Generated by dashboard/embed.py. */", '#include "dashboard/assets.h"']
    write_assets(out, embedder.assets)
    write_boards(out, boards)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(out) + "\n", encoding="utf-8")


main()
