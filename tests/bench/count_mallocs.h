/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the allocations of a program: its own malloc family stands before the C library's, counts and
 * hands on. Include it in one file of the program. Sanitizers own malloc; then nothing is counted. */
#ifndef BENCH_COUNT_MALLOCS_H
#define BENCH_COUNT_MALLOCS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static uint64_t malloc_count;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MALLOCS_NOT_COUNTED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define MALLOCS_NOT_COUNTED 1
#endif

#ifndef MALLOCS_NOT_COUNTED
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void __libc_free(void *old);
void *malloc(size_t bytes) {
    return malloc_count++, __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
    return malloc_count++, __libc_calloc(count, bytes);
}
void *realloc(void *old, size_t bytes) {
    return malloc_count++, __libc_realloc(old, bytes);
}
void free(void *old) {
    __libc_free(old);
}
#endif

#endif
