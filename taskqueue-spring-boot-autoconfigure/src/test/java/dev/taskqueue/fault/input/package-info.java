/**
 * What must hold when other programs write documents of any shape: generated rows and
 * jobs, from a seed that is printed, and a node that has to live with them.
 */
@NullMarked
package dev.taskqueue.fault.input;

import org.jspecify.annotations.NullMarked;
