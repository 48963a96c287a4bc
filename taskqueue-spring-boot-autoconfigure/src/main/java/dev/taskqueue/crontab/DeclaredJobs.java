package dev.taskqueue.crontab;

import java.util.Set;
import java.util.function.Supplier;

/**
 * The periodic jobs that nodes ask for, by the keys that {@link PeriodicSources#keys()}
 * gives.
 *
 * @param own those of this node
 * @param live those of all live workers; may ask the server, and is asked only about a
 * job that this node does not ask for
 */
public record DeclaredJobs(Set<String> own, Supplier<Set<String>> live) {
}
