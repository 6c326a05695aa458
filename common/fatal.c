/* SPDX-License-Identifier: Apache-2.0 */
#include "common/fatal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

NORETURN void fatal_oom(size_t bytes) {
    fprintf(stderr, "decant: out of memory (%zu bytes asked for)\n", bytes);
    abort();
}

void *memory_new(size_t count, size_t size) {
    void *fresh = calloc(count ? count : 1, size ? size : 1);
    if (!fresh) fatal_oom(count * size);
    return fresh;
}

void *memory_resize(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) fatal_oom(SIZE_MAX);
    void *fresh = realloc(old, bytes ? bytes : 1);
    if (!fresh) fatal_oom(bytes);
    return fresh;
}
