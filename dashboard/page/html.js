// SPDX-License-Identifier: Apache-2.0
// Markup as tagged templates: no transpiler, and values always become text or attributes.
import { h } from 'preact';
import htm from 'htm';

export const html = htm.bind(h);
