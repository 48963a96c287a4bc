/**
 * Measures the starter as users have it, beside the bare driver on the same server. Uses
 * nothing that is not public.
 */
@NullMarked
package dev.taskqueue.benchmark;

import org.jspecify.annotations.NullMarked;
