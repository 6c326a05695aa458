/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over the files of its corpus, without libFuzzer: a test of every build. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES_MAX = 1024 * 1024 };

static bool replay(const char *path) {
    struct arena job = {0};
    struct str data;
    struct error err;
    bool ok = file_read(path, FILE_BYTES_MAX, &job, &data, &err);
    if (ok) {
        LLVMFuzzerTestOneInput((const uint8_t *)data.ptr, data.len);
    } else {
        fprintf(stderr, "%s: %s\n", path, err.text);
    }
    arena_release(&job);
    return ok;
}

int main(int argc, char **argv) {
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (!dir) {
        fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
        return 2;
    }
    unsigned count = 0;
    bool ok = true;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        char path[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        ok &= replay(path);
        count++;
    }
    closedir(dir);
    printf("%u files\n", count);
    return ok && count > 0 ? 0 : 1;
}
