/* SPDX-License-Identifier: Apache-2.0 */
/* Lines on stdout or in a file, through a buffer of our own: stdio would lock per call. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/fatal.h"
#include "generator/output.h"

enum { BUFFER_BYTES = 1 << 18 };

struct file_output {
    struct output output;
    const char *name;
    int fd;
    bool owns_fd, values_only;
    uint64_t records;
    size_t used;
    char buffer[BUFFER_BYTES];
};

static bool write_all(struct file_output *file, const char *bytes, size_t len, struct error *err) {
    while (len && !file->output.closed) {
        ssize_t n = write(file->fd, bytes, len);
        if (n >= 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = file->fd, .events = POLLOUT}, 1, 100);
        } else if (errno == EPIPE) {
            file->output.closed = true;
        } else if (errno != EINTR) {
            error_set(err, ERROR_STOP, "E0405", "cannot write to %s: %s", file->name,
                      strerror(errno));
            return error_place(err, "%s", file->name);
        }
    }
    return true;
}

static bool flush_lines(struct file_output *file, struct error *err) {
    if (!write_all(file, file->buffer, file->used, err)) return false;
    file->used = 0;
    return true;
}

static bool put(struct file_output *file, struct str s, struct error *err) {
    if (s.len > BUFFER_BYTES - file->used && !flush_lines(file, err)) return false;
    if (s.len > BUFFER_BYTES) return write_all(file, s.ptr, s.len, err);
    memcpy(file->buffer + file->used, s.ptr, s.len);
    file->used += s.len;
    return true;
}

static bool file_write(struct output *output, const struct record *record, struct error *err) {
    struct file_output *file = (struct file_output *)output;
    file->records++;
    if (!file->values_only) {
        if (!put(file, record->key, err)) return false;
        if (!record->value_null && !put(file, STR("\t"), err)) return false;
    }
    return put(file, record->value, err) && put(file, STR("\n"), err);
}

static bool file_wait(struct output *output, int timeout_ms, struct error *err) {
    if (!timeout_ms) return true;
    if (!flush_lines((struct file_output *)output, err)) return false;
    if (!output->closed) poll(NULL, 0, timeout_ms);
    return true;
}

static bool file_finish(struct output *output, int64_t drain_ms, struct delivery *delivery,
                        struct error *err) {
    (void)drain_ms;
    struct file_output *file = (struct file_output *)output;
    if (!flush_lines(file, err)) return false;
    *delivery = (struct delivery){.acknowledged = file->records};
    return true;
}

static void file_close(struct output *output) {
    struct file_output *file = (struct file_output *)output;
    if (file->owns_fd) close(file->fd);
    free(file);
}

bool output_file_new(const char *path, bool values_only, struct output **out, struct error *err) {
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : STDOUT_FILENO;
    if (fd < 0) {
        error_set(err, ERROR_USER, "E0405", "cannot create %s: %s", path, strerror(errno));
        error_help(err, "--to kafka, stdout or null, or a path whose folder exists");
        return error_place(err, "--to");
    }
    struct file_output *file = memory_new(1, sizeof *file);
    file->output = (struct output){file_write, file_wait, file_finish, file_close, false};
    file->name = path ? path : "stdout";
    file->fd = fd;
    file->owns_fd = path != NULL;
    file->values_only = values_only;
    *out = &file->output;
    return true;
}
