/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, bounded. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include "common/error.h"

/* Reads a regular file of at most max_bytes into `job`. E0403 names the path and the cause. */
bool file_read(const char *path, size_t max_bytes, struct arena *job, struct str *out,
               struct error *err) MUST_CHECK;

#endif
