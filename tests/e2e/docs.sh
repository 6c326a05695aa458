#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The docs against the program; see tests/docs/run.sh.
exec "$(dirname "$0")/../docs/run.sh"
