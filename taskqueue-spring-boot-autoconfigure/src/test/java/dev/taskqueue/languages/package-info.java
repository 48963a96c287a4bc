/**
 * What programs of other languages are promised: the documents of
 * {@code docs/other-languages.md}, tried by the programs that stand there.
 */
@NullMarked
package dev.taskqueue.languages;

import org.jspecify.annotations.NullMarked;
