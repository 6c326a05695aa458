/* SPDX-License-Identifier: Apache-2.0 */
/* .test files: SQL, records in, expected rows out, on virtual time and without any server.
 *
 *   case a late row still counts            begins a case; its name
 *   sql                                     the job, or: job FILE.sql (relative to the .test file)
 *     CREATE TABLE …
 *   batches 1                               optional: only this batch size, instead of 1, 2, 7 and 1024
 *   clock 2026-01-01 10:00:00               sets the wall clock (UTC); it stands still otherwise
 *   records raw_events                      one record per line, in order; "partition N" may follow
 *     {"a": 1}                              the value; or KEY, a TAB, and the value
 *   records raw_events from shop.ndjson     the same lines from a file
 *   commit                                  ends a commit group here
 *   end                                     end of bounded input: what is open fires
 *   expect out                              the final table: header, then rows, in any order
 *     window_start             n            cells are separated by two blanks or a TAB
 *     2026-01-01 10:00:00.000  2
 *   counters out                            in = folded + … of one sink, as `run` prints it
 *     in 3 = folded 2 + filtered 0 + duplicate 1 + late 0 + dropped 0; upserts 1
 *   expect error                            instead: everything that planning or running reports
 *     case.sql:3:8: error E0201: …
 *
 * Lines of a block are indented by two blanks; # begins a comment line. Every case runs with each batch size,
 * a commit after each batch, and must give the same answer. */
#ifndef RUNNER_TESTFILE_H
#define RUNNER_TESTFILE_H

#include "common/error.h"

struct test_report {
    uint32_t passed, failed;
};

/* Runs the cases whose name contains `filter` (empty: all); appends a line or a diff per failed case to `out`.
 * Errors: E0403 for the file, E0805 for a line that is no test syntax. A case without expectation is E0805:
 * a test that cannot fail is none. */
bool test_file_run(const char *path, struct str filter, struct buf *out, struct test_report *report,
                   struct error *err) MUST_CHECK;

#endif
