@NullMarked
package dev.taskqueue.violations.store;

import org.jspecify.annotations.NullMarked;
