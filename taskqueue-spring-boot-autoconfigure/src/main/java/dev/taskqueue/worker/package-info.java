/**
 * One application instance that runs jobs: plugs the steps together, starts them, drains
 * and stops them.
 */
@NullMarked
package dev.taskqueue.worker;

import org.jspecify.annotations.NullMarked;
