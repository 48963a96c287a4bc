@NullMarked
package dev.taskqueue.violations.function;

import org.jspecify.annotations.NullMarked;
