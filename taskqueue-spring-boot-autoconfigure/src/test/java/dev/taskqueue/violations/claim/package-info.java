@NullMarked
package dev.taskqueue.violations.claim;

import org.jspecify.annotations.NullMarked;
