/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where the process ends by itself: memory is exhausted. The state log makes a dead
 * process cheap, and half of all error branches vanish. Sizes that come from outside are compared
 * with a limit first; that is an ordinary error. */
#ifndef COMMON_FATAL_H
#define COMMON_FATAL_H

#include <stddef.h>

#include "common/attributes.h"

/* Prints "out of memory" with the size asked for, and aborts. */
NORETURN void fatal_oom(size_t bytes);

/* malloc, calloc and realloc that never return NULL. Sizes are multiplied with an overflow check;
 * a product that overflows is fatal as well. Zero bytes give a valid pointer. */
void *memory_new(size_t count, size_t size);               /* zeroed; free() it */
void *memory_resize(void *old, size_t count, size_t size); /* not zeroed */

#endif
