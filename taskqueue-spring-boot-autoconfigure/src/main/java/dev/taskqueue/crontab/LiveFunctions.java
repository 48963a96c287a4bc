package dev.taskqueue.crontab;

import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What all live workers have or ask for, functions or periodic jobs: asked for once a
 * round and only when a row needs it.
 */
final class LiveFunctions {

	private final Supplier<Set<String>> source;

	private @Nullable Set<String> thisRound;

	private Set<String> seen = Set.of();

	LiveFunctions(Supplier<Set<String>> source) {
		this.source = source;
	}

	void nextRound() {
		this.thisRound = null;
	}

	boolean contains(String name) {
		return now().contains(name);
	}

	/** Whether they are others than when this was last asked. */
	boolean haveChanged() {
		Set<String> now = now();
		boolean changed = !now.equals(this.seen);
		this.seen = now;
		return changed;
	}

	private Set<String> now() {
		Set<String> known = this.thisRound;
		if (known == null) {
			known = Set.copyOf(this.source.get());
			this.thisRound = known;
		}
		return known;
	}

}
