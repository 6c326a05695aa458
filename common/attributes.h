/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler attributes by short names; nothing here hides control flow. */
#ifndef COMMON_ATTRIBUTES_H
#define COMMON_ATTRIBUTES_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first)                                                              \
    __attribute__((format(printf, format_at, first), nonnull(format_at)))
#define NORETURN __attribute__((noreturn))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
