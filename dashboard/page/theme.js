// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint, so that a remembered theme does not flash.
(() => {
    const asked = new URLSearchParams(location.search).get('theme');
    let theme = asked;
    try {
        theme = asked || localStorage.getItem('theme');
    } catch {
        // storage may be blocked; the system's theme is a good answer
    }
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
