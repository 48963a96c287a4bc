/**
 * For tests of applications: a tester that runs jobs when it is told to, assertions about
 * what was submitted, and a clock that tests move.
 */
@NullMarked
package dev.taskqueue.test;

import org.jspecify.annotations.NullMarked;
