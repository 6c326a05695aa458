/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static bool read_open(FILE *file, const char *path, size_t max_bytes, struct arena *job,
                      struct str *out, struct error *err) {
    struct stat info;
    if (fstat(fileno(file), &info) != 0 || S_ISDIR(info.st_mode))
        return error_set(err, ERROR_USER, "E0403", "%s is not a readable file", path);
    struct buf content;
    buf_init(&content, max_bytes);
    char chunk[16384];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_append_bytes(&content, chunk, got);
    bool ok = !ferror(file) && !content.overflow;
    if (ok) *out = arena_str(job, buf_str(&content));
    if (!ok && content.overflow)
        error_set(err, ERROR_USER, "E0403", "%s is larger than the limit of %zu bytes", path,
                  max_bytes);
    else if (!ok)
        error_set(err, ERROR_USER, "E0403", "%s cannot be read: %s", path, strerror(errno));
    buf_release(&content);
    return ok;
}

bool file_read(const char *path, size_t max_bytes, struct arena *job, struct str *out,
               struct error *err) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(err, ERROR_USER, "E0403", "%s cannot be opened: %s", path,
                         strerror(errno));
    bool ok = read_open(file, path, max_bytes, job, out, err);
    fclose(file);
    return ok;
}
