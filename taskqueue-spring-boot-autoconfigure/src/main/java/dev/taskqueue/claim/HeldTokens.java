package dev.taskqueue.claim;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tokens that this process holds: from before the claim command is sent until the
 * last outcome is written. What the store says to run here under any other token is an
 * orphan. To settle needs no memory: a job that is not settled is held for ever.
 */
final class HeldTokens {

	/** The command is under way, so the number of jobs is not known yet. */
	private static final int UNKNOWN = Integer.MAX_VALUE;

	private final ConcurrentHashMap<String, AtomicInteger> jobs = new ConcurrentHashMap<>();

	/**
	 * Jobs that may be inserted and are not run here, though others of their token are.
	 */
	private final Set<Lost> lost = ConcurrentHashMap.newKeySet();

	void register(String token) {
		this.jobs.put(token, new AtomicInteger(UNKNOWN));
	}

	void claimed(String token, int count) {
		if (count == 0) {
			this.jobs.remove(token);
		}
		else {
			this.jobs.put(token, new AtomicInteger(count));
		}
	}

	/** One more job is inserted under a token that others may have too. */
	void join(String token) {
		this.jobs.compute(token, (key, count) -> {
			AtomicInteger joined = (count != null) ? count : new AtomicInteger();
			joined.incrementAndGet();
			return joined;
		});
	}

	void settle(String token) {
		this.jobs.computeIfPresent(token, (key, count) -> (count.decrementAndGet() > 0) ? count : null);
	}

	/** A job that {@link #join joined} may be inserted or not, and is not run here. */
	void lose(String token, Object id) {
		this.lost.removeIf((earlier) -> !this.jobs.containsKey(earlier.token));
		this.lost.add(new Lost(token, id));
		settle(token);
	}

	boolean contains(String token, Object id) {
		return this.jobs.containsKey(token) && !this.lost.contains(new Lost(token, id));
	}

	private record Lost(String token, Object id) {
	}

}
