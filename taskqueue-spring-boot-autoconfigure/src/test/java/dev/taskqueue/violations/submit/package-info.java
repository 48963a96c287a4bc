@NullMarked
package dev.taskqueue.violations.submit;

import org.jspecify.annotations.NullMarked;
