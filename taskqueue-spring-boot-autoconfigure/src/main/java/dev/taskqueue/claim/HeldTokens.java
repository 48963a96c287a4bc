package dev.taskqueue.claim;

import java.util.concurrent.ConcurrentHashMap;

/**
 * The tokens that this process holds: from before the claim command is sent until the
 * last outcome is written. What the store says to run here under any other token is an
 * orphan.
 */
final class HeldTokens {

	/** The command is under way, so the number of jobs is not known yet. */
	private static final int UNKNOWN = Integer.MAX_VALUE;

	private final ConcurrentHashMap<String, Integer> jobs = new ConcurrentHashMap<>();

	void register(String token) {
		this.jobs.put(token, UNKNOWN);
	}

	void claimed(String token, int count) {
		if (count == 0) {
			this.jobs.remove(token);
		}
		else {
			this.jobs.put(token, count);
		}
	}

	void settle(String token) {
		this.jobs.computeIfPresent(token, (key, count) -> (count > 1) ? count - 1 : null);
	}

	boolean contains(String token) {
		return this.jobs.containsKey(token);
	}

}
