package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * How far an attempt says it has come.
 *
 * @param percent from 0 to 100
 * @param message a few words for people, or null
 */
public record JobProgress(int percent, @Nullable String message) {
}
