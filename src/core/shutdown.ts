/**
 * How long after SIGTERM all goes on as before, milliseconds: load balancers need a moment to look
 * away.
 */
export const lameDuckMs = 1000
