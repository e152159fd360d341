// Loaded before a relay: SIGUSR2 has its garbage collected, which Node does when it likes.
process.on('SIGUSR2', () => globalThis.gc());
